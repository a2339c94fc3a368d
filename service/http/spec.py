"""The OpenAPI document, and every error as a problem detail: flask-smorest's Api, bent to RFC 9457."""

from __future__ import annotations

from typing import Any

import flask_smorest
from apispec import BasePlugin
from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, Rule

from service.http import fields
from service.http.operations import described, error_responses
from service.http.problems import ProblemSchema, problem_of_http
from service.http.schema import ID
from service.platform.problems import MEDIA_TYPE

TITLE = "Patient journeys"
VERSION = "1"
DESCRIPTION = (
    "Enroll a patient in a journey, report events, and draw a screen from one answer. "
    "Every error is a problem detail (RFC 9457). An event reported again with the same id and body gets the same "
    "decision, with `Idempotent-Replay: true`. Every answer has an `X-Request-Id`: that of the request "
    "where it is a UUID, else a new id."
)
_OBJECT_FIELDS: tuple[tuple[Any, str, str | None], ...] = (
    (fields.Text, "string", None),
    (fields.Writing, "string", None),
    (fields.OneOf, "string", None),
    (fields.Digits, "string", None),
    (fields.Whole, "integer", None),
    (fields.Flag, "boolean", None),
    (fields.Facts, "object", None),
    (fields.When, "string", None),
    (fields.LocaleTag, "string", None),
    (fields.Zone, "string", None),
    (fields.TimeOfDay, "string", None),
    (fields.Day, "string", None),
    (fields.Moment, "string", None),
)


class Identifier(BaseConverter):
    """An id in an address; any other text is answered with 404."""

    regex = "[0-9A-Za-z_-]{1,64}"


class ReportedId(BaseConverter):
    """An id of a reporter in an address, percent-encoded; slashes and blanks may be a part of it."""

    longest = 2 * ID + 1  # source and id of a CloudEvent, with a blank between them
    regex = rf"[^\u0000-\u001f\u007f-\u009f]{{1,{longest}}}?"
    part_isolating = False


class Operations(BasePlugin):
    """Completes each operation, and puts the request before its responses."""

    def operation_helper(self, path: Any = None, operations: Any = None, **options: Any) -> None:
        """Sets the operation id, for generated clients, to the name of the endpoint, such as `enrollments_read`."""
        rule: Rule = options["rule"]
        for method, operation in operations.items():
            of_request = {name: operation[name] for name in ("parameters", "requestBody") if name in operation}
            full = described(rule.endpoint, operation, has_id=bool(rule.arguments))
            operations[method] = of_request | full | {"operationId": rule.endpoint.replace(".", "_")}


class Api(flask_smorest.Api):
    """The API and its document."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        """The framework's own errors, as problem details."""
        return problem_of_http(error)


def make_api(app: Flask) -> Api:
    """The API of an application, before its routes."""
    app.url_map.converters |= {"id": Identifier, "reported": ReportedId}
    app.config.update(API_TITLE=TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    info = {"description": DESCRIPTION}
    api = Api(spec_kwargs={"info": info, "security": [{"token": []}], "extra_plugins": [Operations()]})
    api.register_converter(Identifier, _id_schema)
    api.register_converter(ReportedId, _reported_id_schema)
    for kind, name, form in _OBJECT_FIELDS:
        api.register_field(kind, name, form)
    api.init_app(app)
    problem = {"description": "A problem", "content": {MEDIA_TYPE: {"schema": ProblemSchema}}}
    api.spec.components.response("DEFAULT_ERROR", problem, lazy=True)
    for name, response in error_responses().items():
        api.spec.components.response(name, response, lazy=True)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    session = {"type": "apiKey", "in": "cookie", "name": "__Host-journeys_patient"}
    api.spec.components.security_scheme("session", session)
    return api


def _id_schema(_: Identifier) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{Identifier.regex}$"}


def _reported_id_schema(_: ReportedId) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": ReportedId.longest, "pattern": fields.PRINTABLE}
