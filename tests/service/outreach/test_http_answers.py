"""How long a provider asks to wait."""

from datetime import timedelta

import pytest

from service.outreach.http_answers import retry_after
from tests.service.outreach.envelopes import NOW


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta()),
        ("120", timedelta(minutes=2)),
        ("9" * 40, timedelta(days=1)),
        ("Mon, 30 Nov 2026 09:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 30 Nov 2026 10:00:30 +0100", timedelta(seconds=30)),
        ("Mon, 30 Nov 2026 08:00:00 GMT", timedelta()),
        ("Mon, 30 Nov 2099 08:00:00 GMT", timedelta(days=1)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, wait):
    assert retry_after(value, NOW) == wait
