"""Routes of a signed-in patient's apps. The cookie of the session takes the place of a token."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields

from service.http.blueprint import Blueprint
from service.http.context import json_answer, json_object, loaded, service
from service.http.fields import Text, Whole
from service.http.schema import Request, Timestamp, answer_field, dumper, request_field
from service.platform import errors
from service.sign_in import apps
from service.sign_in.blueprint import patient

SECONDS_OF_DAY = 86_400


class AppTokenIn(Request):
    """A token for an app of the patient's own."""

    name = request_field(
        Text, longest=60, required=True, description="What the patient calls the app.", example="My phone"
    )
    expires_in = request_field(
        Whole,
        60,
        366 * SECONDS_OF_DAY,
        unit=" seconds",
        description=f"Seconds until the token expires; {apps.LIFETIME.days} days where it is left out.",
        example=30 * SECONDS_OF_DAY,
    )


class AppTokenOut(Schema):
    """The token of an app, without its secret."""

    id = fields.String(required=True, attribute="token.id")
    name = answer_field(fields.String, "What the patient calls the app.")
    created_at = Timestamp(required=True, attribute="token.created_at")
    expires_at = Timestamp(required=True, attribute="token.expires_at")


class NewAppTokenOut(AppTokenOut):
    """A new token of an app; its secret is shown only in this answer."""

    id = fields.String(required=True, attribute="app.token.id")
    name = answer_field(fields.String, "What the patient calls the app.", attribute="app.name")
    created_at = Timestamp(required=True, attribute="app.token.created_at")
    expires_at = Timestamp(required=True, attribute="app.token.expires_at")
    token = fields.String(required=True, attribute="text")


class AppTokensOut(Schema):
    """The tokens of a patient's apps that are valid, oldest first."""

    items = fields.List(fields.Nested(AppTokenOut), required=True)


api = Blueprint("own_tokens", __name__, url_prefix="/v1", description="Tokens that a signed-in patient gives to apps")

_REQUEST = AppTokenIn()
_dump_new = dumper(NewAppTokenOut)
_dump = dumper(AppTokenOut)


@api.route("/me/tokens", methods=["POST"])
@api.takes(AppTokenIn)
@api.response(201, NewAppTokenOut)
@api.refuses(errors.TooMany)
def create() -> Response:
    """Create a token with which an app reads the told view of the signed-in patient and reports.

    It takes the cookie of a session of `/sign-in` and no token. It is for all enrollments of the patient.
    """
    values = loaded(_REQUEST, json_object())
    expires_in = values.get("expires_in", apps.LIFETIME.days * SECONDS_OF_DAY)
    return json_answer(_dump_new(apps.add_app(service(), patient(), values["name"], expires_in)), 201)


@api.route("/me/tokens", methods=["GET"])
@api.response(200, AppTokensOut)
def list_own() -> Response:
    """List the tokens of the signed-in patient's apps."""
    return _listed()


@api.route("/me/tokens/<id:token>", methods=["DELETE"])
@api.response(200, AppTokensOut)
def end(token: str) -> Response:
    """End the token of an app, at once; the answer lists the others."""
    apps.end_app(service(), patient().person.id, token)
    return _listed()


def _listed() -> Response:
    return json_answer({"items": [_dump(app) for app in apps.list_apps(service(), patient().person.id)]})
