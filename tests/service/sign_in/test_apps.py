"""A signed-in patient gives apps tokens of the patient's own enrollments, lists them, and ends them at once."""

import pytest

from service.platform.database.tables import app_tokens, tokens
from service.sign_in.apps import MOST_APPS
from tests.service.sign_in.visitor import FIREFOX


def make(browser, **body):
    return browser.call("POST", "/v1/me/tokens", json={"name": "My phone"} | body)


def test_a_token_reads_and_reports_for_every_enrollment_of_the_patient(signing_in):
    clinic, browser = signing_in.clinic, signing_in.signed_in()
    made = make(browser, expires_in=600)
    assert made.status == 201
    body = made.response.get_json()
    assert body["name"] == "My phone" and body["expires_at"] == "2026-07-01T09:10:00Z"
    clinic.patients[body["token"]] = "p1"
    again = clinic.enroll("p1", "k2")
    assert clinic.get(f"/v1/enrollments/{again}", body["token"]).status == 200
    assert clinic.report(again, body["token"], "asked_for_help").status == 200
    other = clinic.enroll("p2")
    assert clinic.get(f"/v1/enrollments/{other}", body["token"]).status == 404


def test_tokens_are_listed_without_their_secrets_and_ended(signing_in):
    browser = signing_in.signed_in()
    first, second = (make(browser, name=name).response.get_json() for name in ("My phone", "Tablet"))
    listed = browser.call("GET", "/v1/me/tokens")
    assert [item["name"] for item in listed.response.get_json()["items"]] == ["My phone", "Tablet"]
    assert first["token"] not in listed.source
    ended = browser.call("DELETE", f"/v1/me/tokens/{first['id']}")
    assert [item["name"] for item in ended.response.get_json()["items"]] == ["Tablet"]
    assert browser.call("DELETE", f"/v1/me/tokens/{first['id']}").status == 404
    assert signing_in.clinic.get("/v1/me/enrollments", first["token"]).status == 401
    assert signing_in.clinic.get("/v1/me/enrollments", second["token"]).status == 200


def test_the_page_lists_and_ends_apps(signing_in):
    browser = signing_in.signed_in()
    made = make(browser, name="<b>My phone</b>").response.get_json()
    page = browser.get("/account")
    assert "&lt;b&gt;My phone" in page.source and made["token"] not in page.source
    ended = browser.post("/account/apps/end", {"app": made["id"]})
    assert ended.location == "/account?done=app"
    assert signing_in.clinic.get("/v1/me/enrollments", made["token"]).status == 401
    assert "No app can see your information." in browser.get("/account").text


def test_an_app_outlives_the_session_and_ends_with_everything(signing_in):
    browser = signing_in.signed_in()
    made = make(browser).response.get_json()
    browser.post("/sign-out")
    assert signing_in.clinic.get("/v1/me/enrollments", made["token"]).status == 200
    signing_in.signed_in().post("/account/end")
    assert signing_in.clinic.get("/v1/me/enrollments", made["token"]).status == 401


def test_an_expired_token_is_not_listed(signing_in):
    browser = signing_in.signed_in()
    make(browser, expires_in=60)
    signing_in.clinic.clock.pass_by(minutes=1)
    assert browser.call("GET", "/v1/me/tokens").response.get_json() == {"items": []}


def test_apps_of_another_patient_are_neither_listed_nor_ended(signing_in):
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org")
    made = make(signing_in.signed_in()).response.get_json()
    other = signing_in.signed_in("p2@example.org")
    assert other.call("GET", "/v1/me/tokens").response.get_json() == {"items": []}
    absent, theirs = (other.call("DELETE", f"/v1/me/tokens/{token}") for token in ("id999999", made["id"]))
    assert (absent.status, absent.data) == (theirs.status, theirs.data) and absent.status == 404
    assert other.post("/account/apps/end", {"app": made["id"]}).status == 404


def test_a_patient_has_twenty_apps_at_most(signing_in):
    browser = signing_in.signed_in()
    assert [make(browser).status for _ in range(MOST_APPS + 1)] == [201] * MOST_APPS + [422]


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": 1},
        {"expires_in": 59},
        {"expires_in": 366 * 86_400 + 1},
        {"scopes": ["staff"]},
    ],
)
def test_bad_bodies_are_refused(signing_in, body):
    answer = make(signing_in.signed_in(), **body)
    assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert signing_in.rows(app_tokens) == []


def test_only_a_session_of_this_site_makes_a_token(signing_in):
    browser, clinic = signing_in.signed_in(), signing_in.clinic
    others = clinic.token_of_patient("p1"), clinic.staff, clinic.phone
    before = len(signing_in.rows(tokens))
    for token in others:
        assert clinic.post("/v1/me/tokens", token, {"name": "x"}).status == 403
    assert clinic.call("POST", "/v1/me/tokens", json={"name": "x"}).status == 401
    foreign = {"Origin": "https://evil.example", "User-Agent": FIREFOX}
    assert browser.call("POST", "/v1/me/tokens", json={"name": "x"}, headers=foreign).status == 403
    as_form = browser.call("POST", "/v1/me/tokens", data='{"name": "x"}', content_type="text/plain")
    assert as_form.status == 415
    assert len(signing_in.rows(tokens)) == before
