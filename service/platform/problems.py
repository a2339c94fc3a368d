"""Problem details (RFC 9457) of every error, with one table of statuses. It writes no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from journeys.primitives.errors import CallerError

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[str, int] = {
    "host": 400,
    "malformed": 400,
    "not-http": 400,
    "unauthenticated": 401,
    "not-signed-in": 401,
    "wrong-password": 403,
    "no-account": 403,
    "not-confirmed": 403,
    "foreign-form": 403,
    "provider": 403,
    "passkey": 403,
    "not-done": 500,
    "forbidden": 403,
    "not-signed": 403,
    "not-found": 404,
    "ambiguous": 409,
    "conflict": 409,
    "stale": 412,
    "too-large": 413,
    "media-type": 415,
    "invalid": 422,
    "refused": 422,
    "too-many": 422,
    "too-often": 429,
    "headers-too-large": 431,
    "unavailable": 503,
    "no-room": 507,
}
#: An answer names at most this many problems: a body of a megabyte can have a hundred thousand.
MOST_PROBLEMS = 100
_TYPE = "urn:journeys:problem:{}"


def problem_of(error: CallerError) -> dict[str, Any]:
    """The problem detail of a caller's mistake."""
    problem: dict[str, Any] = {
        "type": _TYPE.format(error.code),
        "code": error.code,
        "title": error.title,
        "status": STATUS[error.code],
    }
    if error.detail != error.title:
        problem["detail"] = error.detail
    if error.fields:
        problem |= _bounded(error.fields)
    return problem


def _bounded(fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """The first problems by field, and how many were left out."""
    number, listed = sum(map(len, fields.values())), 0
    if number <= MOST_PROBLEMS:
        return {"errors": fields}
    first: dict[str, list[str]] = {}
    for name, texts in fields.items():
        if listed >= MOST_PROBLEMS:
            break
        first[name] = texts[: MOST_PROBLEMS - listed]
        listed += len(first[name])
    return {"errors": first, "errors_left_out": number - listed}


def bare_problem(status: int) -> dict[str, Any]:
    """The problem detail of a status that says all there is to say."""
    name = HTTP_STATUS_CODES.get(status, "Error")
    code = name.lower().replace(" ", "-")
    return {"type": _TYPE.format(code), "code": code, "title": f"{name}.", "status": status}
