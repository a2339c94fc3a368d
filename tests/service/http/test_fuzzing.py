"""I4: requests made up from the OpenAPI document, good and bad: never a 5xx, every answer as the document says."""

import pytest
import schemathesis.openapi
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode, checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks as of_openapi

from service.http.access import ROUTES
from tests.faults.counting import SEED, amount, tally

#: For each route and kind.
REQUESTS = amount(6, 150)
#: All that can be asked of one request. Not `positive_data_acceptance`: a body may fit the document and name a trigger,
#: a fact or a journey that there is not. Not those about what was deleted: nothing is. Not `ignored_auth`: test_access
#: asks every route without a token and with wrong ones.
CHECKS = [
    checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.response_schema_conformance,
    of_openapi.allow_header_conformance,
    of_openapi.negative_data_rejection,
    of_openapi.unsupported_method,
]
#: A batch is answered item by item: one that is wrong is refused in its place, in an answer of 200.
BATCH = "/v1/events"
#: What the document does not describe: the document itself, pages for people, and what is asked by machines.
UNDESCRIBED = {"documents.root", "documents.openapi", "documents.page", "documents.asset", "metrics.expose"} | {
    name for name in ROUTES if name.startswith("public.")
}


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_nothing_made_up_brings_the_service_down(clinic, database_url, mode):
    ids = {"enrollment": clinic.enroll("p1")}
    ids["event"] = clinic.report(ids["enrollment"], clinic.staff, "asked_for_help")["decision"]["event"]
    tokens = (clinic.staff, clinic.token("all", "read", "report", "enroll"), clinic.token_of_patient("p1"))
    document = schemathesis.openapi.from_wsgi("/openapi.json", clinic.app)
    operations = [result.ok() for result in document.get_all_operations()]
    assert len(operations) >= len(ROUTES) - len(UNDESCRIBED)
    statuses = []
    with tally("I4", f"{mode.value} requests made up from the document", database_url) as counted:
        for operation in operations:
            statuses += tried(operation, tokens, mode, ids)
        counted.rounds = len(statuses)
        counted.acknowledged = sum(status < 300 for status in statuses)
    assert len(statuses) > len(operations)
    assert 422 in statuses
    assert mode.is_negative or 200 in statuses


def tried(operation, tokens, mode: GenerationMode, ids: dict[str, str]) -> list[int]:
    """The statuses of answers to requests made up for one operation; every other one names what there is."""
    statuses: list[int] = []
    excluded = [of_openapi.negative_data_rejection] if operation.path == BATCH else []

    @seed(SEED)
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=REQUESTS,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def holds(case):
        number = len(statuses)
        is_spoiled = {location for location, component in case.meta.components.items() if component.mode.is_negative}
        if number % 2 and ParameterLocation.PATH not in is_spoiled:
            parameters = case.path_parameters or {}
            case.path_parameters = parameters | {name: value for name, value in ids.items() if name in parameters}
        bearer = {"Authorization": f"Bearer {tokens[number % len(tokens)]}"}
        answer = case.call(headers={} if ParameterLocation.HEADER in is_spoiled else bearer)
        case.validate_response(answer, checks=CHECKS, excluded_checks=excluded)
        statuses.append(answer.status_code)

    if mode.is_positive or operation.path_parameters or operation.query or operation.body:  # else nothing can be wrong
        holds()
    return statuses
