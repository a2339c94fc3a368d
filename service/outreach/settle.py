"""Settling by hand a message of which nobody knows whether it arrived: sent again, or recorded as sent or failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal, TypeAlias

from service.outreach.states import SCHEDULED, UNKNOWN
from service.outreach.store.messages import StoredMessage, find_message, update_message
from service.persons.store import lock_person
from service.platform import errors
from service.platform.process import Process

_Change: TypeAlias = Callable[[StoredMessage, datetime], StoredMessage]
NOT_UNKNOWN = "Only a message in the state 'unknown' is settled by hand; this message is '{}'."


def send_again(process: Process, message: str) -> StoredMessage:
    """Lets the gate be asked again about a message of which nobody knows whether it arrived.

    Raises:
        NotFound: no message has this id.
        Conflict: it is in another state, perhaps since a receipt came; nothing is changed.
    """
    return _settle(process, message, lambda stored, now: replace(stored, status=SCHEDULED, next_at=now))


def settle(process: Process, message: str, status: Literal["sent", "failed"]) -> StoredMessage:
    """Records what an operator knows of a message, for example from the pages of its provider.

    Raises:
        NotFound, Conflict: see `send_again`.
    """
    return _settle(process, message, lambda stored, now: replace(stored, status=status, ended_at=now))


def _settle(
    process: Process, message: str, change: Callable[[StoredMessage, datetime], StoredMessage]
) -> StoredMessage:
    with process.database.writing() as connection:
        stored = find_message(connection, message)
        if stored is None or lock_person(connection, stored.person) is None:
            raise errors.NotFound("No such message.")
        stored = find_message(connection, message)  # as it is now that its person is locked
        assert stored is not None
        if stored.status != UNKNOWN:
            raise errors.Conflict(NOT_UNKNOWN.format(stored.status))
        changed = change(replace(stored, reason=None), process.clock())
        update_message(connection, changed)
        return changed
