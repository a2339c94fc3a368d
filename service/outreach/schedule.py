"""Making messages of reminders: each pending reminder becomes one message, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from journeys.content.catalogue import DEFAULT_USEFUL_FOR, Piece
from service.outreach.store.messages import (
    StoredMessage,
    UnsentReminder,
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
    with service.database.reading() as connection:
        unsent = unsent_reminders(connection, BATCH)
        made = list(_messages_of(service, connection, unsent, service.clock()))
    if not made:
        return 0
    with service.database.writing() as connection:
        return sum(add_message_of_reminder(connection, message) for message in made)


def _messages_of(
    service: Service, connection: Connection, unsent: Iterable[UnsentReminder], now: datetime
) -> Iterator[StoredMessage]:
    """The messages of reminders. Of a piece that cannot be read, the message has every channel, and waits."""
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
        yield StoredMessage(
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
