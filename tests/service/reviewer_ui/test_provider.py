"""Signing in with the organisation's provider (S5): what is not exactly right leads back to sign in, never to a 500."""

import functools
import logging
import re
import warnings

import pytest
import requests

from service import staff_pages
from service.app import create_app
from service.http.context import EXTENSION
from service.platform.configuration import Configuration
from service.platform.database import open_database
from service.publishing.service import Service
from tests.service.clinic import Clock
from tests.service.people import add
from tests.service.reviewer_ui.providers import CLIENT, Crooked, running
from tests.service.reviewer_ui.visitor import Visitor


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture
def provider(clinic):
    with running(Crooked(clinic.clock)) as results:
        yield results


@pytest.fixture
def visitor(clinic, provider):
    """Somebody whose room signs in with the provider; it knows Kim."""
    add(clinic, "kim", password=None, subject="kim@clinic.example")
    return Visitor(application(clinic, provider.address))


def application(clinic, issuer):
    config = Configuration(
        database=clinic.config.database, oidc_issuer=issuer, oidc_client=CLIENT, oidc_secret="made-up"
    )
    app = _application()
    app.extensions[EXTENSION] = clinic.service
    app.extensions[staff_pages.EXTENSION] = config
    return app


@functools.cache
def _application():
    """One for all tests here: documenting its routes takes longer than signing in."""
    service = Service(open_database("sqlite:///never-opened.db"), Clock(), str, str)
    return create_app(Configuration(), clock=service.clock, new_id=str, service=service)


def go(visitor, provider, path="/room/provider?back=/room/journeys"):
    """There and back; gives where the browser ends."""
    results = visitor.get(path)
    assert results.status == 303
    return visitor.get(provider.authorize(results.location))


def test_whom_the_provider_recognises_is_signed_in_and_goes_on(visitor, provider):
    assert "Sign in with your organisation" in visitor.get("/room/sign-in").text
    answer = go(visitor, provider)
    assert (answer.status, answer.location) == (303, "/room/journeys")
    assert "Dr Kim" in visitor.get("/room/journeys").text
    request = provider.asked[0]
    assert request["code_challenge_method"] == "S256" and len(request["code_challenge"]) == 43
    assert request["response_type"] == "code" and len(request["state"]) > 20 and len(request["nonce"]) > 20


def test_what_the_browser_keeps_is_another_afterwards(visitor, provider):
    visitor.get("/room/sign-in")
    before = visitor.kept
    go(visitor, provider)
    assert visitor.kept != before


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed": "none"},
        {"signed": "HS256"},
        {"signed": "another key"},
        {"claims": {"aud": "somebody-else"}},
        {"claims": {"aud": [CLIENT, "somebody-else"]}},
        {"claims": {"aud": None}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": 1}},
        {"claims": {"exp": None}},
        {"claims": {"iat": 4_000_000_000}},
        {"claims": {"sub": None}},
        {"claims": {"sub": 7}},
        {"issuer": "https://elsewhere.example"},
        {"back": {"state": "another"}},
        {"back": {"state": ""}},
        {"back": {"code": "unknown"}},
        {"back": {"error": "access_denied"}},
    ],
    ids=str,
)
def test_what_is_not_exactly_right_leads_back_to_sign_in(visitor, provider, logs, wrong):
    provider.wrong = wrong if "issuer" not in wrong else {}
    results = visitor.get("/room/provider")
    provider.wrong = wrong
    answer = visitor.get(provider.authorize(results.location))
    assert (answer.status, answer.location) == (303, "/room/sign-in?said=failed")
    assert "did not recognise you" in visitor.get(answer.location).text
    assert visitor.get("/room/journeys").status == 303
    assert any(line["event"] == "provider failed" for line in logs)


def test_a_code_is_good_once(visitor, provider):
    results = visitor.get("/room/provider")
    back = provider.authorize(results.location)
    assert visitor.get(back).location == "/room/"
    visitor.post("/room/sign-out")
    assert visitor.get(back).location == "/room/sign-in?said=failed"


def test_another_browser_cannot_use_what_one_was_given(clinic, visitor, provider):
    back = provider.authorize(visitor.get("/room/provider").location)
    other = Visitor(application(clinic, provider.address))
    assert other.get(back).location == "/room/sign-in?said=failed"
    other.get("/room/provider")
    assert other.get(back).location == "/room/sign-in?said=failed"


def test_a_new_key_of_the_provider_is_taken_as_it_is(visitor, provider):
    go(visitor, provider)
    visitor.post("/room/sign-out")
    provider.renew_key()
    assert go(visitor, provider).location == "/room/journeys"


def test_who_has_no_account_is_told_so(visitor, provider):
    provider.subject = "stranger@clinic.example"
    answer = go(visitor, provider)
    assert answer.location == "/room/sign-in?said=unknown"
    assert "have no account here" in visitor.get(answer.location).text


def test_a_provider_that_is_not_there_is_a_page(clinic):
    visitor = Visitor(application(clinic, "http://127.0.0.1:9"))
    assert visitor.get("/room/provider").location == "/room/sign-in?said=failed"


def test_without_a_provider_there_is_no_way_to_it(clinic):
    visitor = Visitor(clinic.app)
    assert "organisation" not in visitor.get("/room/sign-in").text
    assert visitor.get("/room/provider").status == visitor.get("/room/provider/back").status == 404


def test_before_a_signature_the_provider_asks_anew(clinic, visitor, provider):
    go(visitor, provider)
    path = "/room/provider?anew=yes&back=/room/password"
    provider.wrong = {"claims": {"auth_time": int(clinic.clock().timestamp()) - 3600}}
    assert go(visitor, provider, path).location == "/room/sign-in?said=failed"
    provider.wrong = {"claims": {"auth_time": None}}
    assert go(visitor, provider, path).location == "/room/sign-in?said=failed"
    provider.wrong = {}
    assert go(visitor, provider, path).location == "/room/password"
    assert provider.asked[-1]["prompt"] == "login" and provider.asked[-1]["max_age"] == "0"
    provider.subject = "somebody.else@clinic.example"
    assert go(visitor, provider, path).location == "/room/sign-in?said=unknown"


def test_a_provider_that_others_wrote_signs_in_too(clinic):
    """oidc-provider-mock, with its own clock."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread
    from service.platform import clock

    clinic.clock.now = clock.present()
    add(clinic, "kim", password=None, subject="kim@clinic.example")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with run_server_in_thread() as server:
            visitor = Visitor(application(clinic, f"http://localhost:{server.server_port}"))
            results = visitor.get("/room/provider")
            sent = requests.post(
                results.headers["Location"], data={"sub": "kim@clinic.example"}, allow_redirects=False, timeout=5
            )
            back = re.sub(r"^http://localhost", "", sent.headers["Location"])
            assert visitor.get(back).location == "/room/"
    assert visitor.get("/room/journeys").status == 200
