"""Sending a message again by hand, of which nobody knows whether it arrived."""

from __future__ import annotations

from dataclasses import replace

from service.outreach.store.messages import SCHEDULED, UNKNOWN, StoredMessage, find_message, update_message
from service.persons.store import lock_person
from service.platform import errors
from service.publishing.service import Service

NOT_UNKNOWN = "Only a message in the state 'unknown' is sent again by hand; this message is '{}'."


def send_again(service: Service, message: str) -> StoredMessage:
    """Lets the gate be asked again about a message of which nobody knows whether it arrived.

    Raises:
        NotFound: no message has this id.
        Conflict: it is in another state, perhaps since a receipt came; nothing is changed.
    """
    with service.database.writing() as connection:
        stored = find_message(connection, message)
        if stored is None or lock_person(connection, stored.person) is None:
            raise errors.NotFound("No such message.")
        stored = find_message(connection, message)  # as it is now that its person is locked
        assert stored is not None
        if stored.status != UNKNOWN:
            raise errors.Conflict(NOT_UNKNOWN.format(stored.status))
        again = replace(stored, status=SCHEDULED, reason=None, next_at=service.clock())
        update_message(connection, again)
        return again
