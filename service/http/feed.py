"""The route of the feed: a page, a page that is waited for, or a stream of server-sent events."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import orjson
from flask import Response, current_app, request
from marshmallow import Schema, fields

from journeys.primitives.errors import CallerError
from service.access.caller import Caller
from service.access.tokens import require_still_valid
from service.feed.read import read_feed
from service.feed.store.entries import FeedEntry
from service.http.blueprint import Blueprint
from service.http.context import JSON, caller, json_answer, service
from service.http.fields import Text, Whole
from service.http.pages import page_size
from service.http.schema import Query, answer_field, request_field
from service.platform.clock import monotonic
from service.publishing.service import Service

EXTENSION = "journeys-feed"
STREAM = "text/event-stream"
LONGEST_WAIT = 25
LOOK_SECONDS = 0.5
STREAM_SECONDS, HEARTBEAT_SECONDS, RETRY_MILLISECONDS = 55.0, 10.0, 3000
#: A client connects again after the end of a stream, and says where it stopped.
PAGE = 100


class FeedWaits:
    """The threads that wait for events, at most so many: each of them answers nobody else meanwhile."""

    def __init__(self, most: int) -> None:
        self._places = threading.BoundedSemaphore(most)
        self._ended = threading.Event()

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Whether this thread may wait, until the end of the block."""
        has_place = not self._ended.is_set() and self._places.acquire(blocking=False)
        try:
            yield has_place
        finally:
            if has_place:
                self._places.release()

    def pause(self, seconds: float) -> bool:
        """Waits; returns false where the process ends, so that nobody waits any longer."""
        return not self._ended.wait(max(seconds, 0))

    def end(self) -> None:
        """Ends every wait, because the process ends."""
        self._ended.set()


class FeedQuery(Query):
    """What to read of the feed."""

    after = request_field(
        Text,
        longest=64,
        description="The `cursor` of an earlier answer, or the id of an event; without it, from the first.",
    )
    limit = request_field(Whole, 1, 100, text=True, description="The most events; 50 by default.", example=50)
    wait = request_field(
        Whole, 0, LONGEST_WAIT, text=True, description="How many seconds to wait for an event where there is none."
    )


class CloudEventOut(Schema):
    """A CloudEvent 1.0: its data has ids and names of the definition, and nothing that a patient reported."""

    specversion = answer_field(fields.String, "Always `1.0`.")
    id = answer_field(fields.String, "The id of the event, the same to every reader and in every repeat.")
    source = answer_field(fields.String, "The journey: `/v1/journeys/<key>`.")
    type = answer_field(
        fields.String, "Such as `journeys.state.entered`; `journeys.withdrawn` takes back an earlier event."
    )
    time = answer_field(fields.String, "When it happened. Of a day, `at` in the data has the day.")
    datacontenttype = fields.String(required=True)
    data = answer_field(fields.Dict, "What happened.", keys=fields.String(), values=fields.String())
    subject = answer_field(fields.String, "The id of the enrollment.")


class FeedPage(Schema):
    """Events in the order in which they were published."""

    items = fields.List(fields.Nested(CloudEventOut), required=True)
    cursor = answer_field(
        fields.String, "Where to read on: the value of `after`. Null before the first event.", allow_none=True
    )


blueprint = Blueprint("feed", __name__, url_prefix="/v1", description="Events for other systems")


@blueprint.route("/feed", methods=["GET"])
@blueprint.asks(FeedQuery)
@blueprint.response(200, FeedPage)
@blueprint.doc(responses={200: {"content": {STREAM: {"schema": {"type": "string"}}}}})
def read(query: Mapping[str, Any]) -> Response:
    """Read what happened in the told view of enrollments, as CloudEvents.

    With `Accept: text/event-stream` the events come as server-sent events, whose ids are cursors; `Last-Event-ID` says
    where to read on.
    """
    waits = cast(FeedWaits, current_app.extensions[EXTENSION])
    after = request.headers.get("Last-Event-ID") or query.get("after")
    if request.accept_mimetypes.best_match([JSON, STREAM]) == STREAM:
        first = read_feed(service(), caller(), after, PAGE)
        return Response(_stream(service(), caller(), waits, first, after), mimetype=STREAM)
    entries = read_feed(service(), caller(), after, page_size(query))
    if not entries and query.get("wait"):
        entries = _wait_for(waits, after, page_size(query), query["wait"])
    cursor = entries[-1].id if entries else after
    return json_answer({"items": [entry.to_cloud_event() for entry in entries], "cursor": cursor})


def _wait_for(waits: FeedWaits, after: str | None, count: int, seconds: int) -> list[FeedEntry]:
    """The next entries, or none when the time is over; at once where too many wait already."""
    entries: list[FeedEntry] = []
    end = monotonic() + seconds
    with waits.place() as has_place:
        goes_on = has_place
        while goes_on and not entries and (left := end - monotonic()) > 0:
            goes_on = waits.pause(min(LOOK_SECONDS, left))
            require_still_valid(service(), caller())
            entries = read_feed(service(), caller(), after, count)
    return entries


def _stream(
    process: Service, reader: Caller, waits: FeedWaits, entries: list[FeedEntry], after: str | None
) -> Iterator[bytes]:
    """Server-sent events (html.spec.whatwg.org, 9.2) until the stream has lasted long enough.

    Where too many wait already, it ends after the events that there are.
    """
    yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
    end, last_sign = monotonic() + STREAM_SECONDS, monotonic()
    with waits.place() as has_place:
        while True:
            for entry in entries:
                after = entry.id
                yield _sent_event(entry)
            now = monotonic()
            if entries:
                last_sign = now
            elif now - last_sign >= HEARTBEAT_SECONDS:
                last_sign = now
                yield b":\n\n"
            if len(entries) < PAGE and not (has_place and now < end and waits.pause(LOOK_SECONDS)):
                return
            try:
                require_still_valid(process, reader)
                entries = read_feed(process, reader, after, PAGE)
            except CallerError:  # the answer has begun: the client learns the reason when it connects again
                return


def _sent_event(entry: FeedEntry) -> bytes:
    body = orjson.dumps(entry.to_cloud_event()).decode()
    return f"id: {entry.id}\nevent: {entry.type}\ndata: {body}\n\n".encode()
