"""Refusals of the public pages as pages: their status, and when to come back. Each room draws the page itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from journeys.primitives.errors import CallerError
from service.platform import errors
from service.platform.problems import STATUS

#: Draws the page of a refusal, by its status and what was refused; None: an error of the framework.
DrawRefusal = Callable[[int, CallerError | None], Response]
#: Seconds until a request is sent again that the service could not serve.
UNAVAILABLE = 60


def use_refusals(blueprint: Blueprint, draw: DrawRefusal) -> None:
    """Answers refusals of a blueprint with a page; those of the framework keep its headers, such as Allow."""

    def refused(error: CallerError) -> Response:
        response = draw(STATUS[error.code], error)
        if isinstance(error, errors.TooOften):
            response.headers["Retry-After"] = str(error.wait)
        if isinstance(error, errors.Unavailable):
            response.headers["Retry-After"] = str(UNAVAILABLE)
        return response

    def failed(error: HTTPException) -> Response:
        response = draw(error.code or 500, None)
        for name, value in error.get_headers(request.environ):
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    blueprint.register_error_handler(CallerError, refused)
    blueprint.register_error_handler(HTTPException, failed)


def minutes_to_wait(error: CallerError | None) -> int:
    """The minutes, rounded up, after which a request that came too often is accepted; 0 for any other refusal."""
    return -(-error.wait // 60) if isinstance(error, errors.TooOften) else 0


def asset_of(folder: Path, name: str, media_types: Mapping[str, str]) -> Response:
    """A file of a folder of stylesheets and scripts, by their names and media types.

    Raises:
        NotFound: the folder is not to give out a file of this name.
    """
    if name not in media_types:
        raise errors.NotFound
    return Response((folder / name).read_bytes(), mimetype=media_types[name])
