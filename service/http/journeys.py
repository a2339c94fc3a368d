"""Routes of published journeys and their releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from service.http.blueprint import Blueprint
from service.http.context import json_answer, service
from service.http.schema import LocaleQuery, OpenObject, Timestamp, answer_field, dumper
from service.releases import catalogue, counts


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

    key = fields.String(required=True, attribute="heading.key")
    title = fields.String(required=True, attribute="heading.title")
    locales = fields.List(fields.String(), required=True, attribute="heading.locales")
    entries = fields.List(fields.Nested(EntryOut), required=True, attribute="heading.entries")
    release = answer_field(fields.String, "The digest of its newest release.")
    release_number = answer_field(fields.Integer, "The number of that release.", attribute="number")
    programmes = fields.List(fields.Nested(ProgrammeOut), required=True)


class JourneyPage(Schema):
    """Every published journey."""

    items = fields.List(fields.Nested(JourneyOut), required=True)


class TriggerOut(Schema):
    """A trigger of a release."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    by = fields.List(fields.String(), required=True)
    requires = fields.List(fields.String(), required=True)
    resets = fields.List(fields.String(), required=True)
    ends = fields.Boolean(required=True)


class FactOut(Schema):
    """A fact of a release."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    type = fields.String(required=True)
    accepts = fields.String(required=True)
    by = fields.List(fields.String(), required=True)


class ReleaseStateOut(Schema):
    """A state of a release."""

    state = fields.String(required=True)
    title = fields.String(required=True)


class ReleaseOut(Schema):
    """One release of a journey, with its diagram as Mermaid text."""

    title = fields.String(required=True, attribute="heading.title")
    locales = fields.List(fields.String(), required=True, attribute="heading.locales")
    entries = fields.List(fields.Nested(EntryOut), required=True, attribute="heading.entries")
    release = answer_field(fields.String, "The digest of the release.", attribute="id")
    journey = fields.String(required=True, attribute="heading.key")
    release_number = answer_field(fields.Integer, "The number of the release in its journey.", attribute="number")
    published_at = Timestamp(required=True)
    triggers = fields.List(OpenObject(TriggerOut), required=True)
    facts = fields.List(OpenObject(FactOut), required=True)
    states = fields.List(OpenObject(ReleaseStateOut), required=True)
    diagram = fields.String(required=True)


class StateCountOut(Schema):
    """How many enrollments are in a state."""

    state = answer_field(fields.String, "The full path of the state.")
    enrollments = answer_field(fields.Integer, "How many are in it, or in a state within it.")


class JourneyCountsOut(Schema):
    """The enrollments of a journey, in all its releases, by the true state."""

    journey = answer_field(fields.String, "The key of the journey.")
    at = answer_field(Timestamp, "The instant at which they were counted.")
    open = answer_field(fields.Integer, "How many have not ended.")
    ended = answer_field(fields.Integer, "How many have ended; they are in no state.")
    states = answer_field(
        fields.List, "The states with an enrollment in them, by their paths.", fields.Nested(StateCountOut)
    )


_dump_counts = dumper(JourneyCountsOut)
_dump_journeys = dumper(JourneyPage)
_dump_release = dumper(ReleaseOut)

blueprint = Blueprint("journeys", __name__, url_prefix="/v1", description="Published journeys")


@blueprint.route("/journeys", methods=["GET"])
@blueprint.asks(LocaleQuery)
@blueprint.response(200, JourneyPage)
def list_journeys(query: Mapping[str, Any]) -> Response:
    """List the published journeys with their entries."""
    return json_answer(_dump_journeys(catalogue.list_journeys(service(), locale=query.get("locale"))))


@blueprint.route("/journeys/<id:journey>/releases/<id:release>", methods=["GET"])
@blueprint.asks(LocaleQuery)
@blueprint.response(200, ReleaseOut)
def read_release(query: Mapping[str, Any], journey: str, release: str) -> Response:
    """Read a release: its triggers, facts, states and diagram."""
    return json_answer(_dump_release(catalogue.read_release(service(), journey, release, locale=query.get("locale"))))


@blueprint.route("/journeys/<id:journey>/counts", methods=["GET"])
@blueprint.response(200, JourneyCountsOut)
def read_counts(journey: str) -> Response:
    """Count the enrollments of a journey by state, for staff.

    The true states count, those around them too. A journey that was never published is answered with 404 `not-found`.
    """
    return json_answer(_dump_counts(counts.count_enrollments(service(), journey)))
