"""The surroundings of a route: the service, the caller, the body of the request, and how an answer is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, cast

import orjson
from flask import Response, current_app, g, request
from marshmallow import Schema, ValidationError

from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.enrollments.content import ContentOptions
from service.http.body import parse_json, parse_object
from service.http.fields import alternatives
from service.http.problems import flattened
from service.http.rates import EXTENSION as RATES
from service.http.rates import Rates
from service.platform import errors
from service.publishing.service import Service

EXTENSION = "journeys"
JSON = "application/json"


def service() -> Service:
    """The service of this application."""
    return cast(Service, current_app.extensions[EXTENSION])


def caller() -> Caller:
    """The caller; a route that requires a token is reached with a token only."""
    return cast(Caller, g.caller)


def count_reports(count: int) -> None:
    """Counts reports beyond the first, which is counted with every call.

    Raises:
        TooOften: the caller may not report so many events now.
    """
    rates: Rates = current_app.extensions[RATES]
    rates.take(caller(), reads=False, count=count)


def json_object(*media_types: str) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        WrongMediaType, Malformed, TooLarge.
    """
    require_media_type(*(media_types or (JSON,)))
    return parse_object(request.get_data())


def json_value(*media_types: str) -> Any:
    """The body as any JSON value; raises like `json_object`."""
    require_media_type(*(media_types or (JSON,)))
    return parse_json(request.get_data())


def require_media_type(*media_types: str) -> None:
    """Refuses a body of another media type, and a compressed body.

    Raises:
        WrongMediaType: the message names the accepted types.
    """
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise errors.WrongMediaType("Send the body without a Content-Encoding.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in media_types or charset not in ("utf-8", "utf8"):
        raise errors.WrongMediaType(f"Send the body as {alternatives(media_types)}.")


def loaded(schema: Schema, body: Any) -> Mapping[str, Any]:
    """The checked values of a body.

    Raises:
        Refused: with the problems of every field.
    """
    try:
        return cast(Mapping[str, Any], schema.load(body))
    except ValidationError as error:
        raise Refused(flattened(error.messages)) from None


def content_options(query: Mapping[str, Any]) -> ContentOptions:
    """How the caller wants content, by the parameters of the address."""
    formats = frozenset(query["format"].split(",")) if "format" in query else frozenset()
    return ContentOptions(
        query.get("locale"), query.get("channel", "web"), formats, view=query.get("include") == "view"
    )


def if_match() -> frozenset[str]:
    """The tags of If-Match, of each the part that names the caller's view of the state; a weak tag counts as the same.

    A header without a readable tag matches nothing: the caller set a condition.
    """
    if "HTTP_IF_MATCH" not in request.environ:
        return frozenset()
    matches = request.if_match
    if matches.star_tag:
        return frozenset({"*"})
    return frozenset(tag.partition(".")[0] for tag in matches.as_set(include_weak=True)) or frozenset({""})


def json_answer(
    value: Any, status: int = 200, *, tag: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer as JSON. With a `tag` it has an ETag for conditional requests."""
    body = to_json(value)
    etag = f"{tag}.{hashlib.sha256(body).hexdigest()[:16]}" if tag is not None else None
    response = _answer(body, JSON, etag, status)
    response.headers.update(headers or {})
    return response


def seen_answer(value: Any, media_type: str = JSON) -> Response:
    """An answer whose ETag is the digest of its bytes: it changes exactly when the reader sees a change."""
    body = value if isinstance(value, bytes) else to_json(value)
    return _answer(body, media_type, hashlib.sha256(body).hexdigest()[:32])


def _answer(body: bytes, media_type: str, etag: str | None, status: int = 200) -> Response:
    # If-None-Match compares weakly (RFC 9110, 13.1.2): a proxy that compresses makes every tag weak.
    if etag is not None and request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        response = Response(body, status=status, mimetype=media_type)
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    return response


def to_json(value: Any) -> bytes:
    """The bytes of an answer; the same values in the same order give the same bytes."""
    return orjson.dumps(value)
