"""Routes for who runs the service: whether it lives, and whether it can serve."""

from __future__ import annotations

from flask import Response

from journeys.primitives.errors import CallerError
from service.http import schemas
from service.http.blueprint import Blueprint
from service.http.context import json_answer, service
from service.operations import readiness

blueprint = Blueprint("health", __name__, description="For who runs the service")


@blueprint.route("/healthz", methods=["GET"])
@blueprint.response(200, schemas.Health)
@blueprint.doc(security=[])
def healthy() -> Response:
    """Say that the process lives."""
    return json_answer({"status": "ok"})


@blueprint.route("/readyz", methods=["GET"])
@blueprint.response(200, schemas.Health)
@blueprint.alt_response(503, schema=schemas.Health)
@blueprint.doc(security=[])
def ready() -> Response:
    """Say whether requests can be served: the database answers, its tables are current, timers are fired."""
    try:
        found = readiness.readiness(service())
    except CallerError:
        return json_answer({"status": "unready", "database": "unreachable", "worker": "unknown"}, 503)
    body = {"status": "ready" if found.is_ready else "unready", "database": found.database, "worker": found.worker}
    return json_answer(body, 200 if found.is_ready else 503)
