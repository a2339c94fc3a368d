"""What the OpenAPI document says of each operation beside its schemas: its token, its errors, and recorded examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.primitives.errors import CallerError, Refused
from service.http.access import PUBLIC, ROUTES, SESSION, Access
from service.http.context import JSON
from service.http.problems import ProblemSchema
from service.platform import errors
from service.platform.problems import MEDIA_TYPE, STATUS, problem_of

#: By operation id, a request and the answer to it; `tests/service/http/test_examples.py` records and compares them.
EXAMPLES: Mapping[str, Mapping[str, Any]] = json.loads(Path(__file__).with_name("examples.json").read_bytes())
_ERRORS = (
    errors.Malformed(),
    errors.Unauthenticated(errors.BEARER_NEEDED),
    errors.Forbidden(),
    errors.NotSigned(),
    errors.NotFound(),
    errors.Conflict(),
    errors.AmbiguousEvent(),
    errors.Stale(),
    errors.TooLarge(errors.BODY_LIMIT.format(65536)),
    errors.WrongMediaType(),
    Refused({"facts.last_scan_on": ["Send a day such as 2026-01-15."]}),
    errors.TooMany(),
    errors.TooOften(3, "Send this request again in 3 seconds."),
    errors.Unavailable(),
)
_OF_TOKENS = (errors.Unauthenticated, errors.Forbidden, errors.TooOften)
_OF_BODIES = (errors.Malformed, errors.TooLarge, errors.WrongMediaType, Refused)


def error_responses() -> dict[str, dict[str, Any]]:
    """By the name of `error_response`, the answers with this status: an example for each code."""
    responses: dict[str, dict[str, Any]] = {}
    for error in _ERRORS:
        media: dict[str, Any] = {"schema": ProblemSchema, "examples": {}}
        response = responses.setdefault(
            error_response(type(error)), {"description": error.title, "content": {MEDIA_TYPE: media}}
        )
        response["content"][MEDIA_TYPE]["examples"][error.code] = {"summary": error.title, "value": problem_of(error)}
    return responses


def error_response(kind: type[CallerError]) -> str:
    """The name of the response for errors of a kind."""
    return f"ERROR_{STATUS[kind.code]}"


def described(endpoint: str, operation: Mapping[str, Any], *, has_id: bool) -> dict[str, Any]:
    """An operation with what its route tells of it; `has_id`: its address names something that may not exist."""
    access = ROUTES[endpoint]
    kinds: set[type[CallerError]] = {errors.Unavailable}
    if access is not PUBLIC:
        kinds.update(_OF_TOKENS)
    if has_id:
        kinds.add(errors.NotFound)
    if "requestBody" in operation:
        kinds.update(_OF_BODIES)
    if "parameters" in operation:
        kinds.add(Refused)
    responses: dict[str, Any] = {str(STATUS[kind.code]): error_response(kind) for kind in kinds}
    responses |= {str(status): response for status, response in operation["responses"].items()}
    text = "\n\n".join(part for part in (operation.get("description"), _token(access)) if part)
    full = {**operation, "description": text, "responses": responses}
    if access is PUBLIC:
        full["security"] = []
    elif access is SESSION:
        full["security"] = [{"session": []}]
    _add_examples(full, EXAMPLES.get(endpoint.replace(".", "_"), {}))
    return full


def _token(access: Access) -> str:
    if access is PUBLIC:
        return "Needs no token."
    if access is SESSION:
        return "Needs the session of a signed-in patient, and no token."
    sentences = []
    if access.scopes:
        sentences.append(f"Needs a token with the scope {_either(access.scopes)}.")
    if access.patients:
        sentences.append(f"The token of a patient needs the scope {_either(access.patients)}.")
    return " ".join(sentences)


def _either(scopes: frozenset[str]) -> str:
    return " or ".join(f"`{scope}`" for scope in sorted(scopes))


def _add_examples(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    if example.get("request") is not None and "requestBody" in operation:
        operation["requestBody"]["content"][JSON]["example"] = example["request"]
    if "response" in example:
        operation["responses"][str(example["status"])]["content"][JSON]["example"] = example["response"]
