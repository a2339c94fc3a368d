"""The OpenAPI document says what is true: it is valid, and every answer is what it promises."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from service.feed.publish import publish_changes
from service.http.access import ROUTES
from tests.service.clinic import joining


@pytest.fixture
def document(clinic):
    return clinic.call("GET", "/openapi.json").json


def test_the_document_is_valid_openapi_31(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_route_is_documented_with_its_problems(clinic, document):
    documented = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    routes = {
        (re.sub(r"<(?:id:|reported:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in clinic.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        # these are for people, and for Prometheus
        if not rule.endpoint.startswith(("documents.", "metrics.", "public.", "room.", "care."))
    }
    assert {path for path in documented if path[1] in ("GET", "POST", "PUT", "DELETE")} == routes
    names = []
    for methods in document["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict):
                assert operation["summary"].endswith(".")
                names.append(operation["operationId"])
                assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
    assert len(set(names)) == len(names)
    assert "enrollments_read" in names
    problem = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(problem) == ["application/problem+json"]


def test_every_answer_is_what_the_document_promises(clinic, document):
    """Each route's good answer, and a problem, against the schemas of the document."""
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    clinic.worker().fire_all()
    waits = clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    event = waits["decision"]["event"]
    release = clinic.get("/v1/journeys", clinic.staff)["items"][0]["release"]
    at = f"/v1/enrollments/{enrollment}"
    template = "/v1/enrollments/{enrollment}"
    scan = {"id": "s", "type": "scan_done", "occurred_at": "2026-08-20", "facts": {"last_scan_on": "2026-08-20"}}
    batch = {"events": [scan | {"enrollment": enrollment, "id": "b"}, {"id": "x"}]}
    placement = {"id": "p", "state": "disease.recurrence", "reason": "x"}
    task = clinic.get("/v1/tasks", clinic.staff)["items"][0]["id"]
    while publish_changes(clinic.service):
        pass
    own = clinic.token_of_patient("p1")
    revocation = {"kind": "revoke", "method": "app", "channel": "sms"}
    receipt = clinic.post("/v1/me/permissions", own, revocation)["id"]
    email = {"channel": "email", "address": "p1@example.org"}
    (contact,) = clinic.post("/v1/me/contacts", own, email)["contacts"]
    verification = "/v1/me/contacts/{contact}/verification"
    good = [
        ("POST", "/v1/enrollments", "/v1/enrollments", joining("p2")),
        ("GET", "/v1/enrollments", "/v1/enrollments?patient_ref=p1", None),
        ("GET", "/v1/enrollments", "/v1/enrollments?journey=follow_up&state=disease.surveillance&limit=1", None),
        ("GET", "/v1/me/enrollments", "/v1/me/enrollments", None),
        ("GET", template, f"{at}?format=html,text", None),
        ("GET", template + "/content", f"{at}/content?format=html,text", None),
        ("GET", template + "/view", f"{at}/view", None),
        ("GET", template + "/content/{key}", f"{at}/content/where-to-ask", None),
        ("GET", template + "/content/{key}/image", f"{at}/content/where-to-ask/image", None),
        ("GET", template + "/facts", f"{at}/facts?locale=es", None),
        ("GET", template + "/history", f"{at}/history", None),
        ("GET", template + "/explain", f"{at}/explain", None),
        ("POST", template + "/events", f"{at}/events?include=view&dry_run=true", scan),
        ("POST", template + "/events", f"{at}/events?include=view", scan),
        (
            "POST",
            template + "/events/{event}/retraction",
            f"{at}/events/{event}/retraction",
            {"reason": "wrong_patient"},
        ),
        ("POST", template + "/placement", f"{at}/placement", placement),
        ("POST", "/v1/events", "/v1/events", batch),
        ("GET", "/v1/tasks", "/v1/tasks", None),
        ("POST", "/v1/tasks/{task}/close", f"/v1/tasks/{task}/close", {}),
        ("POST", "/v1/patient-tokens", "/v1/patient-tokens", {"patient_ref": "p1", "expires_in": 600}),
        ("GET", template + "/messages", f"{at}/messages", None),
        ("GET", "/v1/feed", "/v1/feed", None),
        ("GET", "/v1/journeys/{journey}/consents", "/v1/journeys/follow_up/consents", None),
        ("GET", "/v1/me/preferences", "/v1/me/preferences", None),
        ("GET", "/v1/me/disclosures", "/v1/me/disclosures", None),
        ("PUT", "/v1/me/preferences", "/v1/me/preferences", {"quiet": {"start": "20:00", "end": "09:00"}}),
        ("POST", "/v1/me/contacts", "/v1/me/contacts", email),
        ("POST", verification, verification.format(contact=contact["id"]), None),
        (
            "POST",
            f"{verification}/confirmation",
            verification.format(contact=contact["id"]) + "/confirmation",
            {"code": "012345"},
        ),
        ("GET", "/v1/me/permissions", "/v1/me/permissions", None),
        ("POST", "/v1/me/permissions", "/v1/me/permissions", revocation),
        ("GET", "/v1/me/permissions/{entry}", f"/v1/me/permissions/{receipt}", None),
        ("DELETE", "/v1/me/contacts/{contact}", f"/v1/me/contacts/{contact['id']}", None),
        ("GET", "/v1/journeys", "/v1/journeys", None),
        ("GET", "/v1/journeys/{journey}/counts", "/v1/journeys/follow_up/counts", None),
        ("GET", "/v1/journeys/{journey}/releases/{release}", f"/v1/journeys/follow_up/releases/{release}", None),
        ("POST", "/v1/inbound/{source}", "/v1/inbound/sms", {}),
        ("POST", "/v1/triggers/{source}", "/v1/triggers/lab", {}),
        ("GET", "/healthz", "/healthz", None),
        ("GET", "/readyz", "/readyz", None),
    ]
    assert {path for _, path, _, _ in good} == set(document["paths"])
    tried = 0
    for token in (clinic.staff, clinic.token("all", "read", "report", "enroll"), own):
        for method, path, address, body in good:
            answer = clinic.call(method, address, token, **({"json": body} if body is not None else {}))
            responses = document["paths"][path][method.lower()]["responses"]
            name = str(answer.status) if str(answer.status) in responses else "default"
            content = resolved(document, responses[name])["content"]
            is_picture = answer.type.startswith("image/")
            assert ("image/*" if is_picture else answer.type) in content, (method, path, answer.status)
            if not is_picture:
                validator(document, content[answer.type]["schema"]).validate(answer.json)
            tried += answer.status in (200, 201)
    assert tried >= len(good) + 10


def resolved(document, value):
    while "$ref" in value:
        target = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def validator(document, schema):
    """Of a schema in the document, with nothing allowed that it does not name."""
    components = json.loads(json.dumps(document["components"]))
    for component in components["schemas"].values():
        if "properties" in component:
            component["additionalProperties"] = False
    return Draft202012Validator({"components": components, **schema})


def test_the_page_of_the_document_asks_nobody_else(clinic):
    page = clinic.call("GET", "/docs")
    assert (page.status, page.type) == (200, "text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    text = page.data.decode()
    assert not re.search(r"https?://", text)
    for asset in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert clinic.call("GET", asset).status == 200, asset
    assert clinic.call("GET", "/docs/../../etc/passwd").status == 404
    assert clinic.call("GET", "/docs/index.html").status == 404


def test_every_answer_carries_the_headers_of_safety(clinic):
    enrollment = clinic.enroll()
    for path in (f"/v1/enrollments/{enrollment}", "/v1/nothing", "/docs", "/openapi.json", "/healthz"):
        headers = clinic.get(path, clinic.staff).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers
    assert ROUTES


def test_the_address_of_the_service_leads_to_the_page_of_the_api(clinic):
    answer = clinic.call("GET", "/")
    assert (answer.status, answer.headers["Location"]) == (302, "/docs")
