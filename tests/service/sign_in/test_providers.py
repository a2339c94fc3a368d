"""Signing in with a provider (S5): known logins sign in, new ones need a code too, and lies lead back to sign-in."""

import logging
import re
import warnings
from dataclasses import replace

import pytest
import requests

from service.platform.database.tables import (
    contacts,
    patient_logins,
    patient_sessions,
    permission_entries,
    persons,
    unlinked_logins,
)
from service.sign_in.blueprint import PROVIDERS
from service.sign_in.claims import LONGEST_NAME
from service.sign_in.providers import PatientProvider, read_providers
from tests.service.reviewer_ui.providers import CLIENT, Crooked, running
from tests.service.sign_in.visitor import ADDRESS

GO = "/sign-in/with/acme/go"
FULL = {
    "nickname": "Ana",
    "email": "ana@acme.example",
    "email_verified": True,
    "phone_number": "+15055550100",
    "phone_number_verified": True,
    "locale": "es_MX",
    "zoneinfo": "America/Denver",
    "address": {"formatted": "1 Main St"},
    "birthdate": "1970-01-01",
}


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture
def provider(signing_in):
    app = signing_in.clinic.app
    with running(Crooked(signing_in.clinic.clock, "/sign-in/back")) as crooked:
        crooked.subject = "ana-17"
        configured = PatientProvider(
            key="acme",
            title="Acme Health",
            issuer=crooked.address,
            client=CLIENT,
            secret="made-up",
            verifies=("acme.example",),
            verifies_numbers=True,
        )
        app.extensions[PROVIDERS] = {"acme": configured}
        yield crooked
        app.extensions[PROVIDERS] = {}


def go(browser, provider):
    """There and back; returns where the browser ends."""
    if browser.cookie is None:
        browser.get("/sign-in")
    left = browser.get(GO)
    assert left.status == 303
    return browser.get(provider.authorize(left.location))


def link(signing_in, provider, address: str = ADDRESS):
    """A browser in which a patient has linked the login."""
    browser = signing_in.browser()
    assert go(browser, provider).location == "/sign-in"
    browser.ask(address)
    linked = browser.name_code(signing_in.code())
    assert linked.location == "/account?done=linked", linked.text
    return browser


def test_a_new_login_needs_the_code_too_and_then_signs_in_alone(signing_in, provider):
    browser = signing_in.browser()
    assert "Sign in with Acme Health" in browser.get("/sign-in").text
    provider.claims = FULL
    assert go(browser, provider).location == "/sign-in"
    assert signing_in.rows(patient_sessions) == [], "the login alone proves nothing of a known patient"
    assert "We do not know this login of Acme Health yet: Ana." in browser.get("/sign-in").text
    browser.ask()
    assert "connected to you" in browser.get("/sign-in/code").text
    assert browser.name_code(signing_in.code()).location == "/account?done=linked"
    text = browser.get("/account?done=linked").text
    assert "Acme Health: Ana" in text and "Your login is connected." in text
    other = signing_in.browser()
    assert go(other, provider).location == "/account"
    assert "Signed in with another site" in other.get("/account").text


def test_what_leaves_is_the_code_flow_with_pkce_state_and_nonce(signing_in, provider):
    go(signing_in.browser(), provider)
    (request,) = provider.asked
    assert request["code_challenge_method"] == "S256" and len(request["code_challenge"]) == 43
    assert request["response_type"] == "code" and len(request["state"]) > 20 and len(request["nonce"]) > 20
    assert request["scope"] == "openid profile email phone"


def test_before_leaving_the_page_says_what_is_taken(signing_in, provider):
    page = signing_in.browser().get("/sign-in/with/acme")
    for sentence in (
        "The name by which you are called",
        "Your e-mail address, if it was checked",
        "Your mobile number, if it was checked",
        "Your language and your time zone",
        "Your password",
        "A permission to write to you: only you give it, here",
        "We tell it nothing about your health.",
    ):
        assert sentence in page.text
    assert provider.asked == []
    assert f'href="{GO}"' in page.source


def test_the_login_of_somebody_else_can_be_kept_from_being_linked(signing_in, provider):
    browser = signing_in.browser()
    go(browser, provider)
    assert browser.post("/sign-in/without").location == "/sign-in?said=unlinked"
    browser.ask()
    assert browser.name_code(signing_in.code()).location == "/account"
    assert signing_in.rows(patient_logins) == [] == signing_in.rows(unlinked_logins)


def test_a_login_waits_for_a_code_for_twenty_minutes(signing_in, provider):
    browser = signing_in.browser()
    go(browser, provider)
    signing_in.clinic.clock.pass_by(minutes=20, seconds=1)
    browser.ask()
    assert signing_in.rows(unlinked_logins) == [], "it is deleted when anybody asks for a code"
    assert browser.name_code(signing_in.code()).location == "/account"
    assert signing_in.rows(patient_logins) == []


def test_a_login_is_of_one_patient(signing_in, provider):
    """Two browsers wait with the same login; the first code links it, the second only signs in."""
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org")
    late = signing_in.browser()
    go(late, provider)
    link(signing_in, provider)
    late.ask("p2@example.org")
    assert late.name_code(signing_in.code()).location == "/account"
    assert len(signing_in.rows(patient_logins)) == 1


def test_a_login_is_ended_by_its_patient_alone(signing_in, provider):
    browser = link(signing_in, provider)
    (row,) = signing_in.rows(patient_logins)
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org")
    assert signing_in.signed_in("p2@example.org").post("/account/logins/end", {"login": row.id}).status == 404
    assert browser.post("/account/logins/end", {"login": row.id}).location == "/account?done=login"
    assert go(signing_in.browser(), provider).location == "/sign-in"


def test_neither_the_subject_nor_a_claim_is_logged_or_stored_in_the_open(signing_in, provider, logs):
    provider.claims = FULL
    link(signing_in, provider)
    (row,) = signing_in.rows(patient_logins)
    assert "ana-17" not in str(row) and len(row.subject_digest) == 64
    for word in ("ana-17", "Ana", "acme.example", "5055550100"):
        assert word not in str(logs)


# --- claims ---------------------------------------------------------------------------------------------------------


def filled(signing_in) -> dict:
    own = signing_in.clinic.token_of_patient("p1")
    return signing_in.clinic.get("/v1/me/preferences", own).json


def test_claims_fill_fields_and_give_no_permission(signing_in, provider):
    provider.claims = FULL
    with signing_in.clinic.service.database.writing() as connection:
        empty = {"language_from": "record", "time_zone": None, "time_zone_from": None}
        connection.execute(persons.update().values(empty))
    link(signing_in, provider)
    now = filled(signing_in)
    assert (now["language"], now["language_from"]) == ("es-MX", "app")
    assert (now["time_zone"], now["time_zone_from"]) == ("America/Denver", "app")
    by = {row.channel + row.verified_by for row in signing_in.rows(contacts)}
    assert by == {"emailcode", "emailprovider", "smsprovider"}
    assert signing_in.rows(permission_entries) == []
    browser = signing_in.browser()
    browser.ask("ana@acme.example")
    sent = len(signing_in.work())
    assert sent == 1, "no code goes to an address that only a provider has verified"


def test_claims_replace_nothing(signing_in, provider):
    provider.claims = FULL
    link(signing_in, provider)
    now = filled(signing_in)
    assert (now["language"], now["time_zone"]) == ("en", "Europe/Madrid")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ana@gmail.example", "email_verified": True},
        {"email": "ana@sub.acme.example", "email_verified": True},
        {"email": "ana@acme.example"},
        {"email": "ana@acme.example", "email_verified": False},
        {"email": "ana@acme.example", "email_verified": "true"},
        {"email": "ana@acme.example", "email_verified": 1},
        {"email": "x" * 100_000 + "@acme.example", "email_verified": True},
        {"email": ["ana@acme.example"], "email_verified": True},
        {"email": "a b@acme.example", "email_verified": True},
        {"phone_number": "+15055550100"},
        {"phone_number": "5055550100", "phone_number_verified": True},
        {"phone_number": 15055550100, "phone_number_verified": True},
        {"locale": "x" * 100_000, "zoneinfo": "Mars/Base"},
        {"locale": 7, "zoneinfo": ["UTC"]},
    ],
    ids=lambda claims: str(claims)[:60],
)
def test_what_was_not_verified_by_whom_we_trust_is_not_taken(signing_in, provider, claims):
    provider.claims = claims
    link(signing_in, provider)
    assert [row.verified_by for row in signing_in.rows(contacts)] == ["code"]


def test_a_provider_that_is_trusted_with_nothing_gives_no_address(signing_in, provider):
    known = signing_in.clinic.app.extensions[PROVIDERS]
    known["acme"] = replace(known["acme"], verifies=(), verifies_numbers=False)
    provider.claims = FULL
    text = signing_in.browser().get("/sign-in/with/acme").text
    assert "e-mail" not in text and "mobile number" not in text
    link(signing_in, provider)
    assert [row.verified_by for row in signing_in.rows(contacts)] == ["code"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x" * 100_000, "x" * LONGEST_NAME),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7*7 }}", "{{ 7*7 }}"),
        ("A\u202ena", None),
        ("A\0na", None),
        ("   ", None),
        (7, None),
        (["Ana"], None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_names_are_bounded_and_shown_as_text(signing_in, provider, name, shown):
    provider.claims = {"nickname": name}
    browser = link(signing_in, provider)
    text = browser.get("/account").text
    assert (f"Acme Health: {shown} Since" in text) if shown else ("Acme Health Since" in text)
    assert "<script>alert" not in browser.get("/account").source


# --- a provider that lies -------------------------------------------------------------------------------------------

LIES = [
    {"signed": "none"},
    {"signed": "HS256"},
    {"signed": "another key"},
    {"claims": {"aud": "somebody-else"}},
    {"claims": {"aud": [CLIENT, "somebody-else"]}},
    {"claims": {"iss": "https://elsewhere.example"}},
    {"claims": {"nonce": "another"}},
    {"claims": {"nonce": None}},
    {"claims": {"exp": 1}},
    {"claims": {"iat": 4_000_000_000}},
    {"claims": {"sub": None}},
    {"claims": {"sub": "x" * 201}},
    {"claims": {"name": "x" * 300_000}},
    {"described": {"issuer": "https://elsewhere.example"}},
    {"described": {"authorization_response_iss_parameter_supported": True}},
    {"back": {"iss": "https://elsewhere.example"}},
    {"back": {"state": "another"}},
    {"back": {"state": ""}},
    {"back": {"code": "unknown"}},
    {"back": {"error": "access_denied"}},
    {"userinfo": {"sub": "somebody-else"}},
    {"userinfo": {"name": "x" * 300_000}},
]


@pytest.mark.parametrize("is_known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("wrong", LIES, ids=lambda wrong: str(wrong)[:60])
def test_a_lie_ends_in_the_page_to_sign_in(signing_in, provider, logs, wrong, is_known):
    if is_known:
        link(signing_in, provider)
    before = signing_in.rows(patient_sessions)
    browser = signing_in.browser()
    browser.get("/sign-in")
    left = browser.get(GO)
    provider.wrong = wrong
    answer = browser.get(provider.authorize(left.location))
    assert (answer.status, answer.location) == (303, "/sign-in?said=failed")
    assert "That sign-in did not work." in browser.get(answer.location).text
    assert signing_in.rows(patient_sessions) == before and signing_in.rows(unlinked_logins) == []
    assert any(line["event"] == "provider failed" for line in logs)


def test_the_issuer_in_the_response_is_accepted_where_it_is_the_providers(signing_in, provider):
    provider.wrong = {
        "back": {"iss": provider.address},
        "described": {"authorization_response_iss_parameter_supported": True},
    }
    assert go(signing_in.browser(), provider).location == "/sign-in"


@pytest.mark.parametrize(
    "wrong", [{"code_challenge_methods_supported": ["plain"]}, {"issuer": "https://x.example"}], ids=str
)
def test_a_provider_without_pkce_or_with_another_name_is_not_gone_to(signing_in, provider, wrong):
    provider.wrong = {"described": wrong}
    browser = signing_in.browser()
    browser.get("/sign-in")
    assert browser.get(GO).location == "/sign-in?said=failed"


def test_a_response_is_good_once_and_in_one_browser(signing_in, provider):
    link(signing_in, provider)
    browser, other = signing_in.browser(), signing_in.browser()
    for each in (browser, other):
        each.get("/sign-in")
    back = provider.authorize(browser.get(GO).location)
    other.get(GO)
    assert other.get(back).location == "/sign-in?said=failed"
    assert signing_in.browser().get(back).location == "/sign-in?said=failed"
    assert browser.get(back).location == "/account"
    assert browser.get(back).location == "/sign-in?said=failed"


def test_a_new_key_of_the_provider_is_taken_as_it_is(signing_in, provider):
    link(signing_in, provider)
    provider.renew_key()
    assert go(signing_in.browser(), provider).location == "/account"


def test_a_provider_that_is_not_there_is_a_page(signing_in, provider):
    known = signing_in.clinic.app.extensions[PROVIDERS]
    known["acme"] = replace(known["acme"], issuer="http://127.0.0.1:9")
    browser = signing_in.browser()
    browser.get("/sign-in")
    assert browser.get(GO).location == "/sign-in?said=failed"


@pytest.mark.parametrize("path", ["/sign-in/with/other", "/sign-in/with/other/go"])
def test_an_unknown_provider_is_a_page(signing_in, provider, path):
    browser = signing_in.browser()
    browser.get("/sign-in")
    assert browser.get(path).status == 404


def test_without_a_cookie_the_browser_stays_here(signing_in, provider):
    assert signing_in.browser().get(GO).location == "/sign-in/with/acme"
    assert provider.asked == []


def test_without_providers_none_is_offered(signing_in):
    assert "another way" not in signing_in.browser().get("/sign-in").text
    assert "Other ways" not in signing_in.signed_in().get("/account").text


def test_a_provider_that_others_wrote_signs_in_too(signing_in):
    """oidc-provider-mock, with its own clock."""
    from service.platform import clock

    signing_in.clinic.clock.now = clock.present()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread() as server:
            issuer = f"http://localhost:{server.server_port}"
            configured = PatientProvider(key="acme", title="Acme", issuer=issuer, client=CLIENT, secret="made-up")
            signing_in.clinic.app.extensions[PROVIDERS] = {"acme": configured}
            for expected in ("/sign-in", "/account"):
                browser = signing_in.browser()
                browser.get("/sign-in")
                left = browser.get(GO).headers["Location"]
                sent = requests.post(left, data={"sub": "ana-17"}, allow_redirects=False, timeout=5)
                back = re.sub(r"^http://localhost", "", sent.headers["Location"])
                assert browser.get(back).location == expected
                if expected == "/sign-in":
                    browser.ask()
                    assert browser.name_code(signing_in.code()).location == "/account?done=linked"
    signing_in.clinic.app.extensions[PROVIDERS] = {}


# --- the file -------------------------------------------------------------------------------------------------------


def test_providers_are_read_from_a_file(tmp_path):
    file = tmp_path / "providers.toml"
    file.write_text(
        '[acme]\ntitle = "Acme"\nissuer = "https://a.example"\nclient = "c"\nverifies = ["A.example"]\n'
        '[other]\ntitle = "Other"\nissuer = "https://b.example"\nclient = "c"\nsecret = "s"\n'
    )
    providers = read_providers(str(file))
    assert list(providers) == ["acme", "other"]
    assert providers["acme"].is_trusted_with("x@a.example") and not providers["other"].is_trusted_with("x@a.example")
    assert read_providers("") == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("acme = 1", "must be a table"),
        ("[Acme]", "lower-case letters"),
        ("[acme]", "needs title"),
        ('[acme]\ntitle = "A"\nissuer = "http://a.example"\nclient = "c"', "must be an https address"),
        ('[acme]\ntitle = "A"\nissuer = "https://a.example"\nclient = "c"\nscope = "x"', "unknown field scope"),
        ('[acme]\ntitle = "A"\nissuer = "https://a.example"\nclient = 7', "client must be a text"),
        ('[acme]\ntitle = "A"\nissuer = "https://a.example"\nclient = "c"\nverifies = [1]', "a list of domains"),
        ("x", "must name a TOML file"),
    ],
)
def test_a_file_that_is_not_acceptable_is_explained(tmp_path, text, problem):
    file = tmp_path / "providers.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=problem):
        read_providers(str(file))
