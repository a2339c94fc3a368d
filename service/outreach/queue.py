"""The queue of a person after a revocation: what is not permitted any more ends in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.permission import Request, is_allowed
from service.outreach.store.messages import SCHEDULED, SENDING, messages_of_person, update_message
from service.permission.store import list_entries

MOST = 1_000


def clear_queue(connection: Connection, person: str, now: datetime) -> list[str]:
    """Ends the messages of a locked person that are not permitted any more; returns the ids of those under way.

    Every other reason is left to the sender.
    """
    entries = [recorded.entry for recorded in list_entries(connection, person)]
    for stored in messages_of_person(connection, person, SCHEDULED, MOST):
        if not stored.is_answer and not any(
            is_allowed(entries, Request(stored.purpose, channel), now) for channel in stored.channels
        ):
            ended = replace(stored, status="suppressed", reason="no_permission", next_at=None, ended_at=now)
            update_message(connection, ended)
    return [stored.id for stored in messages_of_person(connection, person, SENDING, MOST)]
