"""A provider of text messages that a file describes: read with clear errors, called as it says."""

import json
import re

import pytest

from service.outreach.setup import make_outbox
from service.outreach.text_provider import read_text_provider
from service.platform.configuration import Configuration
from service.platform.setting_values import ConfigurationError
from tests.folders import ROOT

MANUAL = (ROOT / "docs" / "service.md").read_text()
EXAMPLE = json.loads(re.search(r"says how to call a provider.*?```json\n(.*?)```", MANUAL, re.DOTALL)[1])
ADDRESS = "https://guide.example"


def written(tmp_path, value) -> str:
    file = tmp_path / "provider.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(file)


def test_the_example_of_the_manual_is_read(clinic, tmp_path):
    config = Configuration(sms_provider=written(tmp_path, EXAMPLE), public_url=ADDRESS, sms_per_second=5.0)
    setup = make_outbox(clinic.service, config).channels["sms"]
    assert (setup.tells_repeats, setup.per_second) == (True, 5.0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("not JSON", "a JSON file that can be read"),
        ([], "must be an object with url and body"),
        ({"url": "https://sms.example"}, "must be an object with url and body"),
        (EXAMPLE | {"colour": "red"}, "accepted are body, code_path"),
        (EXAMPLE | {"body": {"to": "{to}"}}, "the placeholders {to} and {text}"),
        (EXAMPLE | {"headers": {"X-Text": "{text}"}, "tells_repeats": False}, "the placeholder {key} alone"),
        (EXAMPLE | {"headers": ["Authorization"]}, "wrong type"),
        (EXAMPLE | {"id_path": 5}, "wrong type"),
        (EXAMPLE | {"opted_out_statuses": 5}, "wrong type"),
        (EXAMPLE | {"body": "{to} {text}"}, "wrong type"),
    ],
)
def test_a_mistake_is_told_with_what_is_accepted(clinic, tmp_path, value, words):
    config = Configuration(sms_provider=written(tmp_path, value), public_url=ADDRESS)
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        make_outbox(clinic.service, config)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ValueError, match="a JSON file that can be read"):
        read_text_provider(tmp_path / "none.json")
