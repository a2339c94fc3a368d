"""I4: requests made up from the OpenAPI document, good and bad: never a 5xx, every answer as documented."""

import pytest
import schemathesis.openapi
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as of_openapi

CHECKS = [
    checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_schema_conformance,
]


@pytest.mark.long
def test_nothing_made_up_brings_the_service_down(clinic):
    enrollment = clinic.enroll()
    document = schemathesis.openapi.from_wsgi("/openapi.json", clinic.app)
    statuses = []
    for token in (clinic.staff, clinic.token("all", "read", "report", "enroll"), clinic.token_of_patient("p1")):
        for operation in document.get_all_operations():
            statuses += tried(operation.ok(), token, enrollment)
    assert len(statuses) > 300
    assert {200, 422} <= set(statuses)


def tried(operation, token: str, enrollment: str) -> list[int]:
    """The statuses of answers to requests made up for one operation; every other one names a real enrollment."""
    statuses = []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def holds(case):
        if "enrollment" in (case.path_parameters or {}) and len(statuses) % 2:
            case.path_parameters["enrollment"] = enrollment
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)
        statuses.append(answer.status_code)

    holds()
    return statuses
