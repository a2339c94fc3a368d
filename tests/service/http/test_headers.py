"""S11: the headers of every answer of every route: nothing is kept, framed, sniffed, or run from elsewhere."""

import re

from service.app import create_app
from service.http import documents
from service.http.access import PUBLIC, ROUTES
from service.platform.configuration import Configuration
from service.platform.headers import HEADERS, OF_HTTPS
from tests.service.access.test_access import calls, send
from tests.service.clinic import REQUEST_ID

#: The one page whose library sets styles of its own accord (swagger-ui); scripts are from files all the same.
STYLED = "documents.page"


def check(answer, endpoint: str | None = None) -> None:
    headers = answer.headers
    assert headers["X-Request-Id"] == REQUEST_ID
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert not {"Server", "X-Powered-By", "Set-Cookie", "Access-Control-Allow-Origin"} & headers.keys()
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy.get("script-src", "")
    for directive, sources in policy.items():
        allowed = {"'none'", "'self'"} | ({"data:"} if directive == "img-src" else set())
        if endpoint == STYLED and directive == "style-src":
            allowed |= {"'unsafe-inline'"}
        assert set(sources.split()) <= allowed, (endpoint, directive)
    if answer.data:
        assert (
            answer.type in ("application/json", "application/problem+json")
            or ROUTES[endpoint] is PUBLIC
            or (endpoint == "metrics.expose")
        )


def test_every_route_answers_with_them_to_everybody(clinic):
    enrollment = clinic.enroll("p1")
    for token in (None, clinic.staff, clinic.token_of_patient("p1"), clinic.token("operations", "admin"), "jt_x_y"):
        for rule, method in calls(clinic):
            for enrollment_id in (enrollment, "id999999"):
                check(send(clinic, rule, method, token, enrollment=enrollment_id), rule.endpoint)


def test_every_kind_of_refusal_has_them(clinic, monkeypatch):
    check(clinic.get("/nothing", clinic.staff))
    check(clinic.call("DELETE", "/v1/enrollments", clinic.staff))
    check(clinic.call("OPTIONS", "/v1/enrollments", clinic.staff))
    check(clinic.call("HEAD", "/v1/journeys", clinic.staff))
    check(clinic.call("POST", "/v1/events", clinic.staff, data=b"{", content_type="application/json"))
    check(clinic.call("POST", "/v1/events", clinic.staff, data=b"x" * 1_000_001, content_type="application/json"))
    check(clinic.call("GET", "/healthz", headers={"Host": "evil.example"}))
    monkeypatch.setattr("service.http.journeys.catalogue.list_journeys", lambda *_, **__: 1 / 0)
    broken = clinic.get("/v1/journeys", clinic.staff)
    assert broken.status == 500
    check(broken)


def test_what_can_be_asked_for_again_conditionally_is_not_kept_either(clinic):
    enrollment = clinic.enroll("p1")
    path = f"/v1/enrollments/{enrollment}"
    tag = clinic.get(path, clinic.staff).headers["ETag"]
    again = clinic.get(path, clinic.staff, headers={"If-None-Match": tag})
    assert (again.status, again.data) == (304, b"")
    check(again)


def test_the_id_that_a_request_brings_is_answered_and_logged(clinic, logs):
    for sent in ("9f1c0e6e-4bb9-4d0b-8a43-0d2b8a3f6c11", "0" * 16, "F" * 64):
        answer = clinic.get("/v1/journeys", clinic.staff, headers={"X-Request-Id": sent})
        assert answer.headers["X-Request-Id"] == sent
        assert [line["request_id"] for line in logs if line["event"] == "request"][-1] == sent


def test_an_id_that_might_name_somebody_is_replaced_by_a_random_number(clinic, logs):
    client, token = clinic.app.test_client(), {"Authorization": f"Bearer {clinic.staff}"}
    made = []
    for sent in ("", "patient-17", "0" * 15, "0" * 65, "0" * 16 + "\t", "maria.example@clinic", None):
        headers = token | ({"X-Request-Id": sent} if sent is not None else {})
        made.append(client.get("/v1/journeys", headers=headers).headers["X-Request-Id"])
        assert re.fullmatch("[0-9a-f]{32}", made[-1])
    assert len(set(made)) == len(made)
    assert [line["request_id"] for line in logs if line["event"] == "request"] == made


def test_pages_have_no_script_or_style_of_their_own_and_nothing_from_elsewhere():
    for text in (documents.PAGE, documents.SCRIPT):
        assert not re.search(r"<script>|<style|\son\w+=|https?://|src=\"//", text)


def test_https_is_kept_to_where_callers_come_by_it(clinic):
    options = {"clock": clinic.clock, "new_id": str, "service": clinic.service}
    for https, expected in ((True, OF_HTTPS["Strict-Transport-Security"]), (False, None)):
        client = create_app(Configuration(https=https), **options).test_client()
        for path in ("/healthz", "/docs", "/nothing"):
            answer = client.get(path)
            assert answer.headers.get("Strict-Transport-Security") == expected
            assert HEADERS.keys() <= set(answer.headers.keys())
