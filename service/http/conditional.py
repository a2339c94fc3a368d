"""Conditional reads of an enrollment, decided before anything is drawn where the same answer was drawn before."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from service.enrollments.answers import CallerView
from service.enrollments.freshness import fresh_until, poll_of
from service.http.context import caller, service


def conditional(enrollment: str, draw: Callable[[], tuple[Response, CallerView | None]]) -> Response:
    """The answer to a read: 304 without drawing where a tag of If-None-Match is known to be still true, else as drawn.

    Args:
        enrollment: the id in the address.
        draw: returns the answer, which decides about If-None-Match itself, and the view that it was drawn from; None
            for an answer that does not follow from the view alone.
    """
    poll = poll_of(service(), caller(), enrollment, (request.path, request.query_string))
    if poll is None:
        return draw()[0]
    for tag in request.if_none_match.as_set(include_weak=True):
        if poll.is_fresh(tag):
            caller().disclose(poll.version)
            response = Response(status=304)
            response.headers["ETag"] = f'"{tag}"'
            return response
    response, seen = draw()
    etag, _ = response.get_etag()
    if seen is not None and etag is not None:
        poll.remember(etag, fresh_until(seen, poll.now))
    return response
