"""Every error as a problem detail (RFC 9457): answers of Flask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from journeys.primitives.errors import CallerError
from service.http.fields import alternatives
from service.platform import errors
from service.platform.problems import MEDIA_TYPE, bare_problem, problem_of

#: Errors that the framework raises by itself, by status.
_OF_FRAMEWORK: Mapping[int, type[CallerError]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    413: errors.TooLarge,
    415: errors.WrongMediaType,
}
NO_ROUTE = "No route has this address. '/openapi.json' lists every route."


class ProblemSchema(Schema):
    """A problem detail (RFC 9457)."""

    type = fields.String(
        required=True, metadata={"description": "Names the kind of problem: a URN that ends in the code."}
    )
    code = fields.String(required=True, metadata={"description": "The kind of problem, for programs."})
    title = fields.String(required=True, metadata={"description": "The kind of problem, for people."})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    detail = fields.String(metadata={"description": "The problem of this request, and how to solve it."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "The problems by field (`facts.scan_result`), with the accepted values; at most 100."},
    )
    errors_left_out = fields.Integer(metadata={"description": "How many further problems are not listed in `errors`."})


def problem_response(error: CallerError) -> Response:
    """The answer to a caller's mistake."""
    headers = {}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="journeys"'
    if isinstance(error, errors.TooOften):
        headers["Retry-After"] = str(error.wait)
    if isinstance(error, errors.Unavailable):
        headers["Retry-After"] = "60" if isinstance(error, errors.NoRoom) else "1"
    return _response(problem_of(error), headers)


def problem_of_http(error: HTTPException) -> Response:
    """The answer to an error of the framework, with the headers of the framework such as Allow."""
    status = error.code or 500
    ours = _OF_FRAMEWORK.get(status)
    if ours is errors.TooLarge:
        return problem_response(errors.TooLarge(errors.BODY_LIMIT.format(current_app.config["MAX_CONTENT_LENGTH"])))
    if ours is errors.NotFound and request.url_rule is None:
        return problem_response(errors.NotFound(NO_ROUTE))
    if ours is not None:
        return problem_response(ours())
    problem = bare_problem(status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        problem["detail"] = f"Use {alternatives(sorted(error.valid_methods))}."
    headers = {
        name: value
        for name, value in error.get_headers(request.environ)
        if name.lower() not in ("content-type", "content-length")
    }
    return _response(problem, headers)


def flattened(messages: Any, path: str = "") -> dict[str, list[str]]:
    """The nested messages of marshmallow by dotted field."""
    if isinstance(messages, Mapping):
        by_field: dict[str, list[str]] = {}
        for name, inner in sorted(messages.items(), key=lambda item: (isinstance(item[0], str), item[0])):
            field = path if name == "_schema" else f"{path}.{str(name)[:80]}" if path else str(name)[:80]
            by_field |= flattened(inner, field)
        return by_field
    texts = messages if isinstance(messages, list) else [messages]
    return {path or "body": [str(text) for text in texts]}


def _response(problem: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    body = json.dumps(problem, ensure_ascii=False).encode()
    response = Response(body, status=int(problem["status"]), mimetype=MEDIA_TYPE)
    response.headers.update(headers)
    return response
