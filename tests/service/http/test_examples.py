"""Every operation of the OpenAPI document has an example of its request and its answer, and answers so."""

import shutil

import pytest

from service.http.operations import EXAMPLES
from service.outreach.verify import store_code
from service.platform.database.tables import contact_codes
from tests.folders import ROOT
from tests.service.examples import exchange_of
from tests.service.http.every_route import calls_of_every_route

TEXTS = ROOT / "content" / "nsclc" / "_texts"

#: Their requests are signed; the tests of these routes compare them.
SIGNED = {"inbound_take", "triggers_take"}


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with the shipped text that asks for consent, and that of a code."""

    def add_texts(folder) -> None:
        for text in ("consent-to-measurement", "verification-code"):
            shutil.copytree(TEXTS / text, folder / "content" / "follow_up" / "_texts" / text)

    return publish_sample(add_texts)


@pytest.fixture
def operations(clinic):
    """The operations of the document by method and path."""
    document = clinic.call("GET", "/openapi.json").json
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "operationId" in operation
    }


def test_every_operation_answers_as_in_its_example(clinic, operations, examples, monkeypatch):
    monkeypatch.setattr(clinic.service.digests, "_key", b"0" * 32)  # random in each database
    tokens = (clinic.token_of_patient("p1"), clinic.token("all", "read", "report", "enroll"), clinic.staff)
    compared = set()
    for call in calls_of_every_route(clinic):
        operation = operations[call.method, call.path]["operationId"]
        if operation in SIGNED | compared:
            continue
        if operation == "persons_confirm_code_of":
            know_code(clinic, call.body["code"])
        answer = next((answer for token in tokens if (answer := call.send(clinic, token)).status < 300), None)
        assert answer is not None, operation
        if not answer.type.startswith("image/"):
            exchange = exchange_of(call.body, answer)
            assert exchange == examples.recorded(operation, exchange), "pytest --update-examples records it anew"
        compared.add(operation)
    assert compared | SIGNED == {operation["operationId"] for operation in operations.values()}


def know_code(clinic, code: str) -> None:
    """Has this code be the one that was sent last."""
    with clinic.service.database.writing() as connection:
        (requested,) = connection.execute(contact_codes.select()).all()
        store_code(clinic.service, connection, requested.id, code, clinic.clock())


def test_the_document_shows_them(operations):
    for operation in operations.values():
        name = operation["operationId"]
        if "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            assert content["example"] == EXAMPLES[name]["request"], name
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if content is not None and status != "503":
                assert content["example"] == EXAMPLES[name]["response"], (name, status)


def test_the_document_names_the_token_and_the_errors_of_an_operation(operations):
    report = operations["POST", "/v1/enrollments/{enrollment}/events"]
    assert report["description"].endswith(
        "Needs a token with the scope `report` or `staff`. The token of a patient needs the scope `report` or `staff`."
    )
    assert set(report["responses"]) == {
        *("200", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "503", "default")
    }
    healthy = operations["GET", "/healthz"]
    assert healthy["security"] == []
    assert set(healthy["responses"]) == {"200", "503", "default"}
