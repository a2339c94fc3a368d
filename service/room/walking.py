"""The path walker: a patient's way through a journey, step by step, with what is told and shown at each."""

from __future__ import annotations

from flask import Response

from service import errors
from service.api.context import service
from service.room.blueprint import blueprint, page
from service.use_cases import reviewing

_RELEASE = "/journeys/<id:journey>/releases/<int(max=1000000):number>"


@blueprint.route(f"{_RELEASE}/paths")
def paths(journey: str, number: int) -> Response:
    """The paths that can be walked."""
    return page("paths", release=reviewing.open_release(service(), journey, number))


@blueprint.route(f"{_RELEASE}/paths/<id:name>")
def path(journey: str, number: int, name: str) -> Response:
    """One path."""
    raise errors.NotFound
