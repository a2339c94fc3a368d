"""`GET /v1/feed`: cursors, waiting, server-sent events, and what is refused."""

import json
import threading
import time
import urllib.request

import pytest

from service.access.tokens import revoke_token
from service.http import feed as routes
from service.http.feed import FeedWaits
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.service.feed.feeding import Feeding


@pytest.fixture
def feeding(clinic, monkeypatch):
    monkeypatch.setitem(clinic.app.extensions, routes.EXTENSION, FeedWaits(2))
    monkeypatch.setattr(routes, "LOOK_SECONDS", 0.05)
    return Feeding(clinic)


def test_pages_of_any_size_have_every_event_once(clinic, feeding):
    for number in range(3):
        clinic.enroll(f"p{number}")
    feeding.publish()
    everything = [event["id"] for event in feeding.read()]
    assert len(everything) == 6
    for size in (1, 4, 6):
        ids, cursor = [], None
        for _ in range(7):
            answer = clinic.get(f"/v1/feed?limit={size}" + (f"&after={cursor}" if cursor else ""), clinic.staff)
            ids += [event["id"] for event in answer["items"]]
            cursor = answer["cursor"]
        assert ids == everything
        assert cursor == everything[-1]


def test_an_empty_feed_has_no_cursor(clinic, feeding):
    assert clinic.get("/v1/feed", clinic.staff).json == {"items": [], "cursor": None}


def test_last_event_id_is_a_cursor(clinic, feeding):
    clinic.enroll()
    feeding.publish()
    first, second = feeding.read()
    answer = clinic.get("/v1/feed", clinic.staff, headers={"Last-Event-ID": first["id"]})
    assert answer["items"] == [second]


def test_a_cursor_that_the_reader_may_not_have_is_refused_like_any_other(clinic, feeding):
    first, second = clinic.enroll("p1"), clinic.enroll("p2")
    clinic.report(first, clinic.staff, "asked_for_help")
    feeding.publish()
    events = feeding.read()
    of_other = next(event["id"] for event in events if event["subject"] == second)
    of_staff = next(event["id"] for event in events if event["type"] == "journeys.task.opened")
    own = clinic.token_of_patient("p1")
    answers = [clinic.get(f"/v1/feed?after={cursor}", own) for cursor in (of_other, of_staff, "unknown", "1")]
    assert {(answer.status, answer.data) for answer in answers} == {(422, answers[0].data)}
    assert answers[0]["errors"] == {
        "after": ["Unknown cursor. Send the 'cursor' of an earlier answer, or the id of an event that you have read."]
    }


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "wait=26", "wait=-1", "after=", f"after={'a' * 65}"]
)
def test_bad_parameters_are_refused(clinic, feeding, query):
    assert clinic.get(f"/v1/feed?{query}", clinic.staff).status == 422


def test_who_may_not_read_gets_nothing(clinic, feeding):
    assert clinic.call("GET", "/v1/feed").status == 401
    assert clinic.get("/v1/feed", clinic.token("writer", "report")).status == 403


def test_a_reader_waits_for_the_next_event(clinic, feeding):
    clinic.enroll()
    feeding.publish()
    cursor, token, answers = feeding.read()[-1]["id"], clinic.staff, []

    def wait():
        answers.append(clinic.get(f"/v1/feed?after={cursor}&wait=20", token))

    thread = threading.Thread(target=wait)
    thread.start()
    second = clinic.enroll("p2")
    feeding.publish()
    thread.join(30)
    assert {event["subject"] for event in answers[0]["items"]} == {second}


def test_waiting_ends_without_an_event(clinic, feeding):
    begin = time.monotonic()
    assert clinic.get("/v1/feed?wait=1", clinic.staff).json == {"items": [], "cursor": None}
    assert 0.9 < time.monotonic() - begin < 10


def test_nobody_waits_where_too_many_do_or_the_process_ends(clinic, feeding, monkeypatch):
    waits = clinic.app.extensions[routes.EXTENSION]
    begin = time.monotonic()
    with waits.place() as first, waits.place() as second:
        assert (first, second) == (True, True)
        assert clinic.get("/v1/feed?wait=20", clinic.staff).status == 200
    waits.end()
    assert clinic.get("/v1/feed?wait=20", clinic.staff).status == 200
    assert time.monotonic() - begin < 15


def test_a_token_that_is_revoked_while_it_waits_gets_nothing(clinic, feeding):
    token, answers = clinic.token("reader", "read"), []
    thread = threading.Thread(target=lambda: answers.append(clinic.get("/v1/feed?wait=20", token)))
    thread.start()
    revoke_token(clinic.service, token.split("_")[1])
    clinic.enroll()
    feeding.publish()
    thread.join(30)
    assert answers[0].status == 401


STREAM = {"Accept": "text/event-stream"}


def test_a_stream_has_the_events_with_their_cursors_and_ends(clinic, feeding, monkeypatch):
    monkeypatch.setattr(routes, "STREAM_SECONDS", 0.3)
    monkeypatch.setattr(routes, "HEARTBEAT_SECONDS", 0.1)
    clinic.enroll()
    feeding.publish()
    answer = clinic.get("/v1/feed", clinic.staff, headers=STREAM)
    assert (answer.status, answer.type) == (200, "text/event-stream")
    blocks = answer.data.decode().split("\n\n")
    assert blocks[0] == "retry: 3000"
    assert ":" in blocks  # a heartbeat
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks if block.startswith("id")]
    assert [json.loads(event["data"]) for event in events] == feeding.read()
    assert [(event["id"], event["event"]) for event in events] == [
        (event["id"], event["type"]) for event in feeding.read()
    ]
    again = clinic.get("/v1/feed", clinic.staff, headers=STREAM | {"Last-Event-ID": events[0]["id"]}).data
    assert again.count(b"\nevent:") == 1


def test_a_stream_of_a_revoked_token_ends(clinic, feeding):
    token, answers = clinic.token("reader", "read"), []
    thread = threading.Thread(target=lambda: answers.append(clinic.get("/v1/feed", token, headers=STREAM)))
    thread.start()
    revoke_token(clinic.service, token.split("_")[1])
    thread.join(30)
    assert answers, "the stream goes on"


def test_a_stream_with_an_unknown_cursor_is_refused(clinic, feeding):
    assert clinic.get("/v1/feed?after=unknown", clinic.staff, headers=STREAM).status == 422


@pytest.mark.long
def test_a_served_stream_sends_each_event_when_it_is_published(clinic, feeding):
    server = Server(clinic.app, Configuration(port=0, threads=4))
    try:
        headers = {"Authorization": f"Bearer {clinic.staff}", **STREAM}
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/feed", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as stream:  # noqa: S310
            assert stream.readline() == b"retry: 3000\n"
            enrollment = clinic.enroll()
            feeding.publish()
            lines = [stream.readline().decode() for _ in range(4)]
        assert json.loads(lines[3].removeprefix("data: "))["subject"] == enrollment
        time.sleep(0.2)
        with clinic.app.extensions[routes.EXTENSION].place() as first:
            assert first
    finally:
        clinic.app.extensions[routes.EXTENSION].end()
        server.stop()
