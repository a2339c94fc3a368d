"""NATS JetStream, by a real server: each event is stored once, and a server that is down loses nothing."""

import asyncio
import json
import shutil
import subprocess
from contextlib import contextmanager, suppress

import pytest

from service.feed.declare import EndpointRefused, add_endpoint
from service.feed.deliver import FeedTransports
from service.feed.endpoints import list_endpoints, replay
from service.feed.jetstream import JetStreamTransport
from service.feed.jetstream_address import read_address
from service.outreach.port import Permanent, Reason, Transient
from tests.ports import free_port
from tests.service.feed.feeding import Feeding
from tests.service.feed.test_webhook import event
from tests.service.outreach.envelopes import KEY

SUBJECT = "journeys.events"


@pytest.mark.parametrize(
    ("url", "is_accepted"),
    [
        ("nats://nats.internal:4222/journeys.events", True),
        ("tls://user:secret@10.0.0.5/journeys", True),
        ("nats://nats.internal", False),
        ("nats://nats.internal/journeys.>", False),
        ("nats://nats.internal/a b", False),
        ("https://nats.internal/journeys", False),
    ],
)
def test_an_address_names_a_server_and_a_subject(url, is_accepted):
    assert (read_address(url) is not None) is is_accepted


@pytest.mark.parametrize(
    ("url", "is_installed", "message"),
    [
        ("nats://nats.internal", True, "An address of NATS must be nats://host:4222/subject"),
        ("nats://nats.internal/journeys", False, "NATS needs the extra 'nats'"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused(clinic, monkeypatch, url, is_installed, message):
    monkeypatch.setattr("service.feed.declare.is_installed", lambda: is_installed)
    with pytest.raises(EndpointRefused, match=message):
        add_endpoint(clinic.service, url, "warehouse", None)


def test_an_address_of_another_kind_is_never_called():
    assert JetStreamTransport().send(event("https://127.0.0.1/"), KEY) == Permanent(Reason.BAD_ADDRESS)


@pytest.fixture
def nats():
    if shutil.which("nats-server") is None:
        pytest.skip("nats-server is not installed")
    return pytest.importorskip("nats", reason="the extra 'nats' is not installed")


@contextmanager
def serving(nats, port: int, folder, *, has_stream: bool = True):
    """A NATS server on loopback, whose stream keeps what it gets in a folder."""
    command = ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        asyncio.run(make_stream(nats, port, has_stream=has_stream))
        yield server
    finally:
        server.terminate()
        server.wait()


async def make_stream(nats, port: int, *, has_stream: bool) -> None:
    client = await connected(nats, port)
    if has_stream:
        await client.jetstream().add_stream(name="JOURNEYS", subjects=[SUBJECT])
    await client.close()


async def connected(nats, port: int):
    for _ in range(100):
        with suppress(Exception):
            return await nats.connect(f"nats://127.0.0.1:{port}", max_reconnect_attempts=1, reconnect_time_wait=0)
        await asyncio.sleep(0.05)
    raise AssertionError("the server does not start")


async def stored(nats, port: int) -> list[tuple[str, dict]]:
    client = await connected(nats, port)
    stream = client.jetstream()
    count = (await stream.stream_info("JOURNEYS")).state.messages
    messages = [await stream.get_msg("JOURNEYS", seq) for seq in range(1, count + 1)]
    await client.close()
    return [(message.headers["Nats-Msg-Id"], json.loads(message.data)) for message in messages]


@pytest.mark.long
def test_a_server_that_is_down_loses_nothing_and_stores_no_repeat(clinic, nats, tmp_path):
    port = free_port()
    feeding = Feeding(clinic)
    feeding.transports = FeedTransports(clinic.service, {"nats": JetStreamTransport()})
    endpoint = feeding.endpoint(url=f"nats://127.0.0.1:{port}/{SUBJECT}")
    for number in range(3):
        feeding.record(clinic.enroll(f"p{number}"))
    feeding.work()
    with serving(nats, port, tmp_path):
        clinic.clock.pass_by(hours=1)
        feeding.work()
        replay(clinic.service, endpoint.id, None)
        feeding.work()
        messages = asyncio.run(stored(nats, port))
    assert messages == [(event["id"], event) for event in feeding.read()]
    assert [row.result for row in feeding.deliveries()].count("not_sent") == 1
    assert [listed.tries for listed in list_endpoints(clinic.service)] == [0]


@pytest.mark.long
def test_a_subject_without_a_stream_is_a_failure_that_may_pass(nats, tmp_path):
    port = free_port()
    with serving(nats, port, tmp_path, has_stream=False):
        outcome = JetStreamTransport().send(event(f"nats://127.0.0.1:{port}/{SUBJECT}"), KEY)
    assert outcome == Transient(Reason.REFUSED)
