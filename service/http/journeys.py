"""Routes of published journeys and their releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from service.http.blueprint import Blueprint
from service.http.context import json_answer, service
from service.http.schema import LocaleQuery
from service.releases import catalogue


class EntryOut(Schema):
    """An entry, where patients join the journey."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    asks = fields.List(fields.String(), required=True)


class ProgrammeOut(Schema):
    """A programme that runs the journey."""

    key = fields.String(required=True)
    title = fields.String(required=True)


class JourneyOut(Schema):
    """A published journey."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    release = fields.String(required=True)
    number = fields.Integer(required=True)
    entries = fields.List(fields.Nested(EntryOut), required=True)
    programmes = fields.List(fields.Nested(ProgrammeOut), required=True)


class JourneyPage(Schema):
    """Every published journey."""

    items = fields.List(fields.Nested(JourneyOut), required=True)


class ReleaseOut(Schema):
    """One release of a journey, with its diagram as Mermaid text."""

    id = fields.String(required=True)
    journey = fields.String(required=True)
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    published_at = fields.String(required=True)
    entries = fields.List(fields.Nested(EntryOut), required=True)
    triggers = fields.List(fields.Dict(), required=True)
    facts = fields.List(fields.Dict(), required=True)
    states = fields.List(fields.Dict(), required=True)
    diagram = fields.String(required=True)


blueprint = Blueprint("journeys", __name__, url_prefix="/v1", description="Published journeys")


@blueprint.route("/journeys", methods=["GET"])
@blueprint.asks(LocaleQuery)
@blueprint.response(200, JourneyPage)
def list_journeys(query: Mapping[str, Any]) -> Response:
    """List the published journeys with their entries."""
    return json_answer({"items": catalogue.list_journeys(service(), locale=query.get("locale"))})


@blueprint.route("/journeys/<id:journey>/releases/<id:release>", methods=["GET"])
@blueprint.asks(LocaleQuery)
@blueprint.response(200, ReleaseOut)
def read_release(query: Mapping[str, Any], journey: str, release: str) -> Response:
    """Read a release: its triggers, facts, states and diagram."""
    return json_answer(catalogue.read_release(service(), journey, release, locale=query.get("locale")))
