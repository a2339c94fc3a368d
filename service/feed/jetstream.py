"""NATS JetStream as a transport of the feed, for systems inside the operator's network; needs the extra `nats`."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

from service.feed.jetstream_address import read_address
from service.feed.webhook import MEDIA_TYPE, event_json
from service.outreach.port import Accepted, EventEnvelope, Outcome, Permanent, Reason, Transient

TOTAL_SECONDS = 10.0
_CONNECT_SECONDS, _ACK_SECONDS = 3, 5.0


class JetStreamTransport:
    """Publishes events to a stream that exists; `Channel` for JetStream. Threads may share it.

    The server and consumers tell repeats by `Nats-Msg-Id`, which is also the event's id: so a lost answer is transient.
    """

    def send(self, envelope: EventEnvelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`. It is accepted when the stream has stored it."""
        match = read_address(envelope.url)
        if match is None:
            return Permanent(Reason.BAD_ADDRESS)
        body = event_json(envelope, key).encode()
        try:
            asyncio.run(asyncio.wait_for(_publish(match["server"], match["subject"], body, key), TOTAL_SECONDS))
        except TimeoutError:  # also the library's own
            return Transient(Reason.TIMEOUT)
        except Exception as error:  # of a library that is loaded late, and of the system's sockets
            return Transient(_reason_of(error))
        return Accepted()


async def _publish(server: str, subject: str, body: bytes, key: str) -> None:
    library: Any = importlib.import_module("nats")

    async def ignore(_: Exception) -> None:
        """What fails is raised by the call as well; the library would log it with the address."""

    client = await library.connect(
        server,
        error_cb=ignore,
        allow_reconnect=False,
        connect_timeout=_CONNECT_SECONDS,
        max_reconnect_attempts=1,  # with none, or 0, the library tries for ever
        reconnect_time_wait=0,
    )
    try:
        headers = {"Nats-Msg-Id": key, "Content-Type": MEDIA_TYPE}
        await client.jetstream().publish(subject, body, timeout=_ACK_SECONDS, headers=headers)
    finally:
        await client.close()


def _reason_of(error: Exception) -> Reason:
    match type(error).__name__:
        case "NoServersError":
            return Reason.UNREACHABLE
        case "AuthorizationError":
            return Reason.NOT_SIGNED_IN
        case "NoStreamResponseError":
            return Reason.REFUSED
        case _ if isinstance(error, OSError):
            return Reason.UNREACHABLE
        case _:
            return Reason.PROVIDER_FAILED
