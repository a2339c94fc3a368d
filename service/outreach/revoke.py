"""Revocations: each is recorded, and ends what waits in the queue, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.permission import PermissionEntry
from journeys.permission.entries import Actor
from service.outreach.queue import clear_queue
from service.permission.ledger import add_to_ledger
from service.permission.store import RecordedEntry
from service.persons.store import StoredPerson
from service.platform.process import Process
from service.surveys.measure import erase_unpermitted


@dataclass(frozen=True, slots=True)
class PermissionReceipt:
    """A recorded entry, and the ids of the messages that were under way when it was recorded: they may still arrive."""

    recorded: RecordedEntry
    under_way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRevocation:
    """That a person wants no messages on a channel any more: who said it, how, and when (UTC)."""

    channel: str
    by: Actor
    method: str
    at: datetime


def revoke(connection: Connection, person: StoredPerson, entry: PermissionEntry, now: datetime) -> PermissionReceipt:
    """Records a revocation of a locked person, and ends or erases the messages and answers that it forbids.

    The person's `sequence` in the database is one higher afterwards.
    """
    recorded = add_to_ledger(connection, person, entry, now)
    erase_unpermitted(connection, person.id, now)
    return PermissionReceipt(recorded, tuple(clear_queue(connection, person.id, now)))


def revoke_channel(
    process: Process, connection: Connection, person: StoredPerson, revocation: ChannelRevocation
) -> PermissionReceipt:
    """Records that a locked person wants no messages on a channel any more; see `revoke`."""
    entry = PermissionEntry(
        id=process.new_id(),
        kind="revoke",
        by=revocation.by,
        method=revocation.method,
        occurred_at=revocation.at,
        channel=revocation.channel,
    )
    return revoke(connection, person, entry, process.clock())
