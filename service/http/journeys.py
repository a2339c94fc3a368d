"""Routes of what is published: journeys and their releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from service.http import schemas
from service.http.blueprint import Blueprint
from service.http.context import json_answer, service
from service.releases import catalogue

blueprint = Blueprint("journeys", __name__, url_prefix="/v1", description="What is published")


@blueprint.route("/journeys", methods=["GET"])
@blueprint.asks(schemas.LocaleQuery)
@blueprint.response(200, schemas.JourneyPage)
def list_journeys(query: Mapping[str, Any]) -> Response:
    """List the published journeys, with where people can join."""
    return json_answer({"items": catalogue.list_journeys(service(), locale=query.get("locale"))})


@blueprint.route("/journeys/<id:journey>/releases/<id:release>", methods=["GET"])
@blueprint.asks(schemas.LocaleQuery)
@blueprint.response(200, schemas.ReleaseOut)
def read_release(query: Mapping[str, Any], journey: str, release: str) -> Response:
    """Read a release: its triggers, facts, states and diagram."""
    return json_answer(catalogue.read_release(service(), journey, release, locale=query.get("locale")))
