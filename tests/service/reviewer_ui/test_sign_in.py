"""Signing in and out of the room (S4): sessions of the server, forms of ours, and no hint who exists."""

import re

import pytest

from service.access import accounts, passwords
from service.app import create_app
from service.platform import errors
from service.platform.browser import FIELD, proof
from service.platform.configuration import Configuration
from service.staff_pages.room import COOKIE
from tests.service.people import PASSWORD, add
from tests.service.reviewer_ui.visitor import Visitor


def test_who_signs_in_goes_on_to_the_page_they_wanted(clinic, visitor):
    add(clinic, "kim")
    answer = visitor.get("/room/journeys/follow_up/releases/1?x=1")
    assert answer.location == "/room/sign-in?back=/room/journeys/follow_up/releases/1?x%3D1"
    assert visitor.get(answer.location).status == 200
    signed_in = visitor.post(
        "/room/sign-in", {"name": " KIM ", "password": PASSWORD, "back": "/room/journeys/follow_up/releases/1?x=1"}
    )
    assert (signed_in.status, signed_in.location) == (303, "/room/journeys/follow_up/releases/1?x=1")
    assert "Dr Kim" in visitor.get(signed_in.location).text


@pytest.mark.parametrize(
    "back",
    ["https://evil.example", "//evil.example", "/room//evil.example", "/room/\\evil", "/v1", "/room/sign-in", ""],
)
def test_signing_in_leads_to_the_room_alone(clinic, visitor, back):
    add(clinic, "kim")
    visitor.get("/room/sign-in")
    answer = visitor.post("/room/sign-in", {"name": "kim", "password": PASSWORD, "back": back})
    assert answer.location == "/room/"


def test_what_the_browser_keeps_is_another_after_signing_in_and_dead_after_signing_out(clinic, visitor):
    """S4: no session can be fixed before, none lives on after."""
    add(clinic, "kim")
    visitor.get("/room/sign-in")
    before = visitor.kept
    visitor.sign_in("kim")
    remaining = visitor.kept
    assert remaining != before and visitor.get("/room/journeys").status == 200
    assert visitor.post("/room/sign-out").location == "/room/sign-in?said=out"
    assert visitor.kept is None
    stolen = Visitor(clinic.app)
    stolen.client.set_cookie(COOKIE.name, remaining)
    assert stolen.get("/room/journeys").status == 303


def test_a_wrong_name_and_a_wrong_password_give_the_same_page(clinic, visitor):
    add(clinic, "kim")
    pages = {visitor.sign_in(name, "not the password").text for name in ("kim", "nobody")}
    assert len(pages) == 1
    assert visitor.sign_in("kim", "no").status == 403


def test_too_many_wrong_passwords_say_when_to_come_back(clinic, visitor):
    add(clinic, "kim")
    for _ in range(passwords.FAILURES):
        visitor.sign_in("kim", "wrong")
    answer = visitor.sign_in("kim")
    assert answer.status == 429 and answer.headers["Retry-After"] == "900"
    assert "Too many wrong passwords" in answer.text


def test_a_session_that_is_over_does_not_lose_what_was_written(clinic, reviewer):
    clinic.clock.pass_by(minutes=20)
    answer = reviewer.post(
        "/room/journeys/follow_up/releases/1/pieces/scan-due/versions/1/comments", {"text": "A long <thought>."}
    )
    assert answer.status == 401
    assert "You were signed out" in answer.text and "A long <thought>." in answer.text


def test_a_password_is_changed_and_everybody_signs_in_anew(clinic, reviewer):
    new = "quite another password"
    assert reviewer.get("/room/password").status == 200
    for fields, field in (
        ({"old": "wrong", "new": new, "again": new}, "This is not your current password."),
        ({"old": PASSWORD, "new": new, "again": "x"}, "The two new passwords differ."),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "12 to 200 characters"),
    ):
        answer = reviewer.post("/room/password", fields)
        assert answer.status in (403, 422) and field in answer.text
    assert reviewer.post("/room/password", {"old": PASSWORD, "new": new, "again": new}).status == 303
    assert reviewer.get("/room/journeys").status == 303
    assert reviewer.sign_in("kim", new).status == 303


def test_an_administrator_disables_others_at_once_and_never_themselves(clinic, people):
    boss, reviewer = people["administrator"], people["reviewer"]
    assert "Dr Reviewer" in boss.get("/room/accounts").text
    assert boss.post("/room/accounts/disable", {"name": "administrator"}).status == 403
    assert boss.post("/room/accounts/disable", {"name": "reviewer"}).status == 303
    assert boss.post("/room/accounts/disable", {"name": "reviewer"}).status == 404
    assert reviewer.get("/room/journeys").status == 303


@pytest.mark.parametrize("options", [{"https": True}, {"proxies": 1}])
def test_behind_tls_the_cookie_is_for_this_host_and_for_https_alone(clinic, options):
    """As the configuration or a trusted proxy says; a cookie of the other name, which subdomains set, is ignored."""
    config = Configuration(database=clinic.config.database, trusted_hosts="localhost", **options)
    app = create_app(config, clock=clinic.clock, new_id=clinic.service.new_id, service=clinic.service)
    add(clinic, "kim")
    client = app.test_client()
    headers = {"Host": "localhost", "X-Forwarded-Proto": "https"}

    def ask(method, path, **more):
        return client.open(path, method=method, base_url="https://localhost", headers=headers, **more)

    first = ask("GET", "/room/sign-in").headers["Set-Cookie"]
    assert re.fullmatch("__Host-journeys_staff=[^;]+; Secure; HttpOnly; Path=/; SameSite=Lax", first)
    secret = client.get_cookie(COOKIE.secure_name).value
    form = {"name": "kim", "password": PASSWORD, FIELD: proof(secret)}
    signed_in = ask("POST", "/room/sign-in", data=form)
    assert signed_in.status_code == 303
    assert signed_in.headers["Set-Cookie"].startswith(f"{COOKIE.secure_name}=")
    assert ask("GET", "/room/journeys").status_code == 200
    text = client.get_cookie(COOKIE.secure_name).value
    out = ask("POST", "/room/sign-out", data={FIELD: proof(text)})
    assert re.match(
        f"{COOKIE.secure_name}=; Expires=[^;]+; Max-Age=0; Secure; HttpOnly; Path=/", out.headers["Set-Cookie"]
    )
    kept = accounts.sign_in(clinic.service, "kim", PASSWORD).text
    client.set_cookie(COOKIE.name, kept)
    assert ask("GET", "/room/journeys").status_code == 303
    client.set_cookie(COOKIE.secure_name, kept)
    assert ask("GET", "/room/journeys").status_code == 200


def test_a_header_of_a_stranger_makes_no_cookie_secure(visitor):
    answer = visitor.client.get("/room/sign-in", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE.name}=") and "Secure" not in answer.headers["Set-Cookie"]


def test_no_log_says_what_somebody_typed(clinic, visitor, logs):
    add(clinic, "kim")
    visitor.sign_in("somebody-unknown", "a secret word")
    visitor.sign_in("kim")
    assert "somebody-unknown" not in repr(logs) and "a secret word" not in repr(logs) and PASSWORD not in repr(logs)
    assert {"signed in", "sign-in refused"} <= {line["event"] for line in logs}


def test_who_signs_in_with_the_provider_makes_a_code_for_the_command_line(clinic, visitor):
    """It is shown once, after the provider has asked again; it opens no page, and works once, for ten minutes."""
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    signed_in = accounts.sign_in_as(clinic.service, "lee@clinic.example")
    visitor.client.set_cookie(COOKIE.name, signed_in.text)
    assert "Make a code" not in visitor.get("/room/password").text
    assert visitor.post("/room/code").status == 403
    codes = []
    for _ in range(2):
        accounts.confirm(clinic.service, signed_in.session, "lee@clinic.example")
        page = visitor.post("/room/code")
        codes.append(re.search(r"Your code: <code>([A-Za-z0-9_-]+)</code>", page.source)[1])
    assert "Your code" not in visitor.get("/room/password").text
    with pytest.raises(errors.NotSignedIn):
        accounts.resume(clinic.service, codes[0])
    assert accounts.authenticate(clinic.service, "lee", codes[0]).name == "lee"
    clinic.clock.pass_by(minutes=10)
    for code in codes:
        with pytest.raises(errors.WrongPassword):
            accounts.authenticate(clinic.service, "lee", code)


def test_who_has_a_password_needs_no_code(clinic, visitor):
    add(clinic, "kim")
    visitor.sign_in("kim")
    assert visitor.post("/room/code", {"name": "kim", "password": PASSWORD}).status == 422
    assert visitor.post("/room/code", {"name": "kim", "password": "wrong"}).status == 403
    assert "command line" not in visitor.get("/room/password").text
