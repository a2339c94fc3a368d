"""Where nobody can join because no code can be sent, `doctor` and `serve` say so."""

import pytest

from service.cli import serve
from service.operations.doctor import examine_all
from service.operations.registration_check import examine_registrations, list_registrations
from service.platform.configuration import Configuration
from tests.service.clinic import Clock
from tests.service.registration.conftest import with_registration

MAIL = {"mail_server": "mail.example:587", "mail_from": "Guide <guide@example.org>"}


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    return publish_sample(with_registration)


def finding(clinic, **settings):
    config = Configuration(database=clinic.config.database, **settings)
    (only,) = [each for each in examine_all(config, clinic.clock) if each.check == "registration"]
    return only


def test_a_declared_registration_without_a_channel_is_a_warning_with_advice(clinic):
    closed = finding(clinic)
    assert (closed.is_good, closed.is_warning) == (False, True)
    assert "north" in closed.result and "south" not in closed.result
    assert "mail_server" in closed.advice and "/join" in closed.advice


@pytest.mark.parametrize("settings", [MAIL, {"apprise_url": "json://example.org"}, {"sms_provider": "sms.json"}])
def test_any_channel_for_codes_opens_it(clinic, settings):
    assert finding(clinic, **settings).result == "open: north"


@pytest.mark.parametrize("channels", [[], ["push"], ["post"]])
def test_a_channel_that_takes_no_code_does_not(clinic, channels):
    assert not examine_registrations(clinic.service.database, clinic.clock, channels).is_good


def test_each_programme_that_declares_one_is_named_once(clinic):
    assert [each.programme for each in list_registrations(clinic.service.database, clinic.clock)] == ["north"]


def test_where_nothing_is_published_nothing_is_wrong(database):
    assert examine_registrations(database, Clock(), []).is_good


@pytest.mark.parametrize("settings", [{}, MAIL])
def test_serve_says_it_when_it_starts(clinic, capsys, settings):
    config = Configuration(database=clinic.config.database, **settings)
    serve._say_ready(config, 8400)
    said = capsys.readouterr().err
    assert "Serving on http://127.0.0.1:8400/docs" in said
    assert ("nobody can join north" in said) == (not settings)
