"""The OpenAPI document says what is true: it is valid, and every answer is what it promises."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from service.http.access import ROUTES
from tests.service.http.every_route import calls_of_every_route


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
        if not rule.endpoint.startswith(
            ("documents.", "metrics.", "public.", "room.", "care.", "registration.", "sign_in.", "patient_pages.")
        )
    }
    assert {path for path in documented if path[1] in ("GET", "POST", "PUT", "PATCH", "DELETE")} == routes
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


#: The type of each name, wherever an answer has it.
NAMES = {
    "version": "integer",
    "version_digest": "string",
    "release": "string",
    "release_number": "integer",
    "precision": "string",
}


def test_each_idea_has_the_same_name_in_every_answer(document):
    """A version is its number, a release its digest; a time that may be a day has a precision beside it."""
    answers = {name: schema for name, schema in document["components"]["schemas"].items() if "properties" in schema}
    wrong = []
    for schema, declared in answers.items():
        for name, value in declared["properties"].items():
            types = value.get("type", "")
            if name in NAMES and NAMES[name] not in types:
                wrong.append((schema, name, types))
            if "a day or a time" in value.get("description", "").lower() and not schema.endswith("In"):
                wrong.append((schema, name, "a day or a time"))
        if not schema.endswith(("In", "Item")) and "number" in declared["properties"]:
            wrong.append((schema, "number", "of what"))
    assert wrong == []


def test_every_answer_is_what_the_document_promises(clinic, document):
    """Each route's good answer, and a problem, against the schemas of the document."""
    calls = calls_of_every_route(clinic)
    assert {call.path for call in calls} == set(document["paths"])
    tried = 0
    for token in (clinic.staff, clinic.token("all", "read", "report", "enroll"), clinic.token_of_patient("p1")):
        for call in calls:
            answer = call.send(clinic, token)
            responses = document["paths"][call.path][call.method.lower()]["responses"]
            name = str(answer.status) if str(answer.status) in responses else "default"
            content = resolved(document, responses[name])["content"]
            is_picture = answer.type.startswith("image/")
            assert ("image/*" if is_picture else answer.type) in content, (call, answer.status)
            if not is_picture:
                validator(document, content[answer.type]["schema"]).validate(answer.json)
            tried += answer.status in (200, 201)
    assert tried >= len(calls) + 10


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
