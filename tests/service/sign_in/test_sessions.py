"""Sessions of patients: rows that end, a page that lists them, forms of this site alone."""

import re

import pytest
from sqlalchemy import delete

from service.app import create_app
from service.http.context import EXTENSION as SERVICE
from service.platform.browser import FIELD, proof
from service.platform.configuration import Configuration
from service.platform.database.tables import (
    app_tokens,
    patient_sessions,
    sign_in_requests,
    tokens,
)
from service.sign_in.access import PAGES
from service.sign_in.blueprint import COOKIE
from service.sign_in.devices import device_of
from tests.service.sign_in.visitor import FIREFOX
from tests.tables import EMPTIED

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
PIXEL = "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, ("firefox", "linux")),
        (IPHONE, ("safari", "ios")),
        (EDGE, ("edge", "windows")),
        (PIXEL, ("chrome", "android")),
        ("", ("other", "other")),
        ("x" * 10_000 + "Firefox", ("other", "other")),
    ],
)
def test_a_device_is_named_by_words_of_closed_lists(agent, device):
    assert device_of(agent) == device


def test_only_a_digest_of_the_cookie_is_stored_and_nothing_is_logged(signing_in, logs):
    browser = signing_in.signed_in()
    (row,) = signing_in.rows(patient_sessions)
    assert browser.cookie not in str(row) and len(row.digest) == 64
    assert browser.cookie not in str(logs) and "p1" not in [line.get("person") for line in logs]
    assert "patient signed in" in [line["event"] for line in logs]


def test_the_page_lists_every_session_and_ends_one(signing_in):
    laptop = signing_in.signed_in()
    signing_in.clinic.clock.pass_by(minutes=5)
    phone = signing_in.signed_in(agent=IPHONE)
    text = phone.get("/account").text
    assert text.index("Safari, iPhone or iPad This browser") < text.index("Firefox, Linux")
    assert "Since July 1, 2026, 11:05 AM" in text
    other = next(row for row in signing_in.rows(patient_sessions) if row.browser == "firefox")
    ended = phone.post("/account/sessions/end", {"session": other.id})
    assert (ended.status, ended.location) == (303, "/account?done=session")
    assert "That browser is signed out." in phone.get(ended.location).text
    assert laptop.get("/account").location == "/sign-in?said=ended"
    assert phone.get("/account").status == 200


def test_every_session_ends_by_one_act(signing_in):
    browsers = [signing_in.signed_in() for _ in range(3)]
    assert browsers[0].call("POST", "/v1/me/tokens", json={"name": "My phone"}).status == 201
    ended = browsers[1].post("/account/end")
    assert ended.location == "/sign-in?said=everywhere"
    assert [browser.get("/account").status for browser in browsers] == [303] * 3


def test_signing_out_ends_the_session_and_deletes_the_cookie(signing_in):
    browser = signing_in.signed_in()
    cookie = browser.cookie
    out = browser.post("/sign-out")
    assert out.location == "/sign-in?said=out" and "Max-Age=0" in out.headers["Set-Cookie"]
    browser.client.set_cookie(COOKIE.name, cookie)
    assert browser.get("/account").status == 303


def test_nobody_ends_the_session_of_another(signing_in):
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org")
    first, second = signing_in.signed_in(), signing_in.signed_in("p2@example.org")
    for row in signing_in.rows(patient_sessions):
        answer = second.post("/account/sessions/end", {"session": row.id})
        assert answer.status in (303, 404)
        if answer.status == 303:
            second = signing_in.signed_in("p2@example.org")
    assert second.post("/account/sessions/end", {"session": "absent"}).status == 404
    assert first.get("/account").status == 200


@pytest.mark.parametrize(("minutes", "status"), [(29.9, 200), (30, 303)])
def test_a_session_ends_after_half_an_hour_without_a_request(signing_in, minutes, status):
    browser = signing_in.signed_in()
    signing_in.clinic.clock.pass_by(minutes=minutes)
    assert browser.get("/account").status == status


def test_a_session_ends_after_twelve_hours(signing_in):
    browser = signing_in.signed_in()
    for _ in range(35):
        signing_in.clinic.clock.pass_by(minutes=20)
        assert browser.get("/account").status == 200
    signing_in.clinic.clock.pass_by(minutes=20)
    assert browser.get("/account").status == 303


def test_a_clock_that_was_moved_back_does_not_prolong_a_session(signing_in):
    browser = signing_in.signed_in()
    signing_in.clinic.clock.pass_by(hours=-1)
    assert browser.get("/account").status == 303


def test_the_session_before_ends_when_somebody_signs_in_again(signing_in):
    browser = signing_in.signed_in()
    before = browser.cookie
    browser.ask()
    assert browser.name_code(signing_in.code()).status == 303
    browser.client.set_cookie(COOKIE.name, before)
    assert browser.get("/account").status == 303


def test_with_a_person_everything_of_the_sign_in_is_erased(signing_in):
    """By the database itself, whatever erases the person; the rest of the person is erased before."""
    browser = signing_in.signed_in()
    assert browser.call("POST", "/v1/me/tokens", json={"name": "My phone"}).status == 201
    with signing_in.clinic.service.database.writing() as connection:
        for table in EMPTIED:
            if table not in (patient_sessions, sign_in_requests, app_tokens, tokens):
                connection.execute(delete(table))
    assert [signing_in.rows(table) for table in (patient_sessions, app_tokens)] == [[], []]
    assert browser.get("/account").status == 303


# --- forms, cookies, headers ----------------------------------------------------------------------------------------


def forms() -> list[str]:
    account = [f"/account/{form}" for form in ("sessions/end", "apps/end", "logins/end", "end")]
    account += [f"/account/passkeys{form}" for form in ("", "/answer", "/end")]
    sign_in = [f"/sign-in{form}" for form in ("", "/code", "/without", "/passkey", "/passkey/answer")]
    return [*sign_in, "/sign-out", *account]


def test_every_page_is_in_the_table_and_every_form_is_tried_here(signing_in):
    rules = [rule for rule in signing_in.clinic.app.url_map.iter_rules() if rule.endpoint.startswith("sign_in.")]
    assert {rule.endpoint for rule in rules} == set(PAGES)
    assert sorted(rule.rule for rule in rules if "POST" in rule.methods) == sorted(forms())


@pytest.mark.parametrize("path", forms())
def test_a_form_of_another_site_changes_nothing(signing_in, path):
    browser = signing_in.signed_in()
    session = signing_in.rows(patient_sessions)[0].id
    form = {"session": session, "contact": "nobody@example.org", "code": "000000"}
    before = signing_in.rows(sign_in_requests), signing_in.rows(patient_sessions)
    foreign = {"Origin": "https://evil.example"}
    answers = [
        browser.post(path, form, with_proof=False),
        browser.post(path, form | {FIELD: proof("x" * 50)}),
        browser.post(path, form, **foreign),
        browser.post(path, form, Origin="null"),
    ]
    assert [answer.status for answer in answers] == [403] * 4
    assert all("Please open the page again" in answer.text for answer in answers)
    assert (signing_in.rows(sign_in_requests), signing_in.rows(patient_sessions)) == before


@pytest.mark.parametrize("path", ["/account", "/sign-out", "/account/sessions/end", "/account/end"])
def test_without_a_session_pages_lead_to_sign_in(signing_in, path):
    browser = signing_in.browser()
    browser.get("/sign-in")
    answer = browser.get(path) if path == "/account" else browser.post(path)
    assert (answer.status, answer.location) == (303, "/sign-in?said=ended")


def test_the_headers_of_every_page_are_strict(signing_in):
    browser = signing_in.signed_in()
    pages = [browser.get(path) for path in ("/sign-in", "/sign-in/code", "/account", "/sign-in/assets/sign_in.css")]
    pages += [browser.get("/sign-in/assets/x"), browser.ask("x")]
    for page in pages:
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Referrer-Policy"] == "same-origin"
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy


def test_behind_tls_the_cookie_is_for_this_host_alone(signing_in):
    clinic = signing_in.clinic
    app = create_app(Configuration(https=True), clock=clinic.clock, new_id=str, service=clinic.service)
    app.extensions[SERVICE] = clinic.service
    answer = app.test_client().get("/sign-in")
    expected = r"__Host-journeys_patient=[^;]+; Secure; HttpOnly; Path=/; SameSite=Lax"
    assert re.fullmatch(expected, answer.headers["Set-Cookie"])


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"contact": "e\0"}, 400),
        ({f"field{number}": "1" for number in range(101)}, 413),
        ({"contact": "x" * 1_000_001}, 413),
    ],
)
def test_fields_that_no_form_sends_are_refused_as_a_page(signing_in, form, status):
    browser = signing_in.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", form)
    assert answer.status == status and "<h1>" in answer.source


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("/sign-in", "es-MX,es;q=0.9", "es"),
        ("/sign-in", "fr", "en"),
        ("/sign-in?language=es", "en", "es"),
        ("/sign-in?language=fr", "es", "es"),
    ],
)
def test_pages_are_in_the_language_of_the_browser_or_of_the_address(signing_in, path, language, expected):
    page = signing_in.browser(language=language).get(path)
    assert f'<html lang="{expected}"' in page.source
    if "language=es" in path:
        assert 'action="/sign-in?language=es"' in page.source


def test_a_signed_in_patient_reads_the_own_language(signing_in):
    own = signing_in.clinic.token_of_patient("p1")
    signing_in.clinic.call("PUT", "/v1/me/preferences", own, json={"language": "es"})
    text = signing_in.signed_in().get("/account").text
    assert "Dónde ha entrado" in text and "1 de julio de 2026, 11:00" in text
