"""Every requested locale is served, and the result names the locale that served it."""

import pytest

from journeys.content.rendering import render
from journeys.content.rendering.locales import date_text, unit_text
from tests.samples.sample import pieces, plan, world


def test_the_rendering_names_the_locale_served():
    rendered = render(pieces()["welcome"], plan(), world(), locale="es-US")
    assert (rendered.locale, rendered.title) == ("es", "Le damos la bienvenida")
    assert render(pieces()["welcome"], plan(), world(), locale="fr").locale == "en"


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "January 5, 2026"),
        ("es", "5 de enero de 2026"),
        ("en-GB", "5 January 2026"),
        ("es-x-easy", "5 de enero de 2026"),
        ("ca-ES-valencia", "5 de gener del 2026"),
        ("de-CH-1901", "5. Januar 2026"),
        ("qqq", "January 5, 2026"),
    ],
)
def test_dates_are_written_out(locale, text):
    assert date_text("2026-01-05", locale) == text


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en", ["1 year", "3 months", "7 days"]),
        ("es", ["1 año", "3 meses", "7 días"]),
        ("pt", ["1 ano", "3 meses", "7 dias"]),
        ("zh", ["1年", "3个月", "7天"]),
        ("qqq", ["1 year", "3 months", "7 days"]),
    ],
)
def test_durations_are_written_out(locale, texts):
    assert [unit_text(count, unit, locale) for count, unit in ((1, "year"), (3, "month"), (7, "day"))] == texts
