"""Routes for operators: whether the process is alive, and whether it can serve requests."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from marshmallow import Schema, fields

from journeys.primitives.errors import CallerError
from service.http.blueprint import Blueprint
from service.http.context import json_answer, service
from service.http.schema import dumper
from service.operations.readiness import Readiness, readiness


class Health(Schema):
    """Whether the process is alive, and whether it can serve requests."""

    status = fields.String(required=True)
    database = fields.String()
    worker = fields.String()


@dataclass(frozen=True, slots=True)
class Liveness:
    """The answer of a process that lives; it looks at nothing else."""

    status: str = "ok"
    database: str | None = None
    worker: str | None = None


_dump_health = dumper(Health)

blueprint = Blueprint("health", __name__, description="For operators")


@blueprint.route("/healthz", methods=["GET"])
@blueprint.response(200, Health)
@blueprint.doc(security=[])
def healthy() -> Response:
    """Check that the process is alive."""
    return json_answer(_dump_health(Liveness()))


@blueprint.route("/readyz", methods=["GET"])
@blueprint.response(200, Health)
@blueprint.alt_response(503, schema=Health)
@blueprint.doc(security=[])
def ready() -> Response:
    """Check whether requests can be served: the database answers, its tables are current, timers are fired."""
    try:
        state = readiness(service())
    except CallerError:
        state = Readiness("unreachable", "unknown")
    return json_answer(_dump_health(state), 200 if state.is_ready else 503)
