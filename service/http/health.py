"""Routes for operators: whether the process is alive, and whether it can serve requests."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app
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
    releases = fields.String()


@dataclass(frozen=True, slots=True)
class Liveness:
    """The answer of a process that lives; it looks at nothing else."""

    status: str = "ok"
    database: str | None = None
    worker: str | None = None
    releases: str | None = None


#: The extension that holds the warmer of this process, or None.
EXTENSION = "journeys-warmer"

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
    """Check whether requests can be served: the database answers, its tables are current, releases are compiled.

    `worker` says whether timers are fired; requests are served meanwhile.
    """
    try:
        state = readiness(service(), current_app.extensions[EXTENSION])
    except CallerError:
        state = Readiness("unreachable", "unknown", "unknown")
    return json_answer(_dump_health(state), 200 if state.is_ready else 503)
