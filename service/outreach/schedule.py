"""Making messages of reminders: each pending reminder becomes one message, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from journeys.content.catalogue import DEFAULT_USEFUL_FOR, Piece
from service.outreach.shared import messages_to_caregivers
from service.outreach.store.messages import (
    StoredMessage,
    UnsentReminder,
    add_message,
    add_message_of_reminder,
    unsent_reminders,
)
from service.persons.addresses import CHANNELS
from service.platform.logs import log, where
from service.publishing.service import Service

BATCH = 50
UNKNOWN_PURPOSE = "treatment"


def schedule_reminders(service: Service) -> int:
    """Makes a message of each pending reminder that has none, at most `BATCH` of them; returns how many."""
    now = service.clock()
    with service.database.reading() as connection:
        unsent = unsent_reminders(connection, BATCH)
        made = list(_messages_of(service, connection, unsent, now))
    if not made:
        return 0
    count = 0
    with service.database.writing() as connection:
        for message, piece in made:
            if add_message_of_reminder(connection, message):
                count += 1
                for to_caregiver in messages_to_caregivers(service, connection, message, piece, now):
                    add_message(connection, to_caregiver)
    return count


def _messages_of(
    service: Service, connection: Connection, unsent: Iterable[UnsentReminder], now: datetime
) -> Iterator[tuple[StoredMessage, Piece | None]]:
    """The messages of reminders with their pieces. Of a piece that cannot be read, it has every channel, and waits."""
    pieces: dict[tuple[str, str], Piece | None] = {}
    for reminder in unsent:
        purpose, topic, channels = UNKNOWN_PURPOSE, None, CHANNELS
        named = (reminder.release, reminder.piece)
        if named not in pieces:
            pieces[named] = _piece_of(service, connection, reminder)
        piece = pieces[named]
        if piece is not None:
            purpose, topic = piece.purpose, piece.topic
            channels = tuple(channel for channel in CHANNELS if channel in piece.channels)
        message = StoredMessage(
            id=service.new_id(),
            person=reminder.person,
            enrollment=reminder.enrollment,
            kind="reminder",
            subject=reminder.id,
            state=reminder.state,
            piece=reminder.piece,
            purpose=purpose,
            topic=topic,
            channels=channels,
            due=reminder.due,
            useful_until=DEFAULT_USEFUL_FOR.after(reminder.due),
            next_at=now,
            opened_at=now,
        )
        yield message, piece


def _piece_of(service: Service, connection: Connection, reminder: UnsentReminder) -> Piece | None:
    """The newest version of the piece of a reminder, or None: the reminders of the others must become messages."""
    try:
        release = service.library.releases(connection)[reminder.release]
        return service.library.newest_piece(connection, release, reminder.piece)
    except SQLAlchemyError:
        raise
    except Exception as error:
        log().error("reminder-not-read", enrollment=reminder.enrollment, **where(error))
        return None
