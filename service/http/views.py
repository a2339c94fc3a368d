"""Routes of the screen of a patient's app, of the pieces behind its cards, and of their pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from service.enrollments import screen
from service.enrollments.answers import CallerView
from service.http import view_schemas as schemas
from service.http.blueprint import Blueprint
from service.http.conditional import conditional
from service.http.context import caller, seen_answer, service
from service.http.screens import piece_body, screen_body

blueprint = Blueprint("view", __name__, url_prefix="/v1", description="The screen of a patient's app")

#: A picture that is opened by itself can run no script and load nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@blueprint.route("/enrollments/<id:enrollment>/view", methods=["GET"])
@blueprint.asks(schemas.ViewQuery)
@blueprint.response(200, schemas.ViewOut)
def read(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read the screen of a patient's app. It shows the told view to every caller.

    The ETag changes exactly when the patient would see a change.
    """

    def draw() -> tuple[Response, CallerView | None]:
        drawn = screen.read_view(service(), caller(), enrollment, query.get("locale"))
        return seen_answer(screen_body(drawn)), drawn.follows_from

    return conditional(enrollment, draw)


@blueprint.route("/enrollments/<id:enrollment>/content/<id:key>", methods=["GET"])
@blueprint.asks(schemas.ViewQuery)
@blueprint.response(200, schemas.PieceBody)
def read_piece(query: Mapping[str, Any], enrollment: str, key: str) -> Response:
    """Read one piece that is shown now, as HTML and as text. Cards and reminders lead to this address."""

    def draw() -> tuple[Response, CallerView]:
        answer = screen.read_piece(service(), caller(), enrollment, key, query.get("locale"))
        return seen_answer(piece_body(enrollment, answer)), answer.seen

    return conditional(enrollment, draw)


@blueprint.route("/enrollments/<id:enrollment>/content/<id:key>/image", methods=["GET"])
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/*")
def read_picture(enrollment: str, key: str) -> Response:
    """Read the picture of a piece that is shown now: SVG or PNG."""
    picture = screen.read_picture(service(), caller(), enrollment, key)
    response = seen_answer(picture.data, picture.media_type)
    response.headers["Content-Security-Policy"] = POLICY
    return response
