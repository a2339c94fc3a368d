"""What ends before it leaves: messages that are not permitted any more, and letters that are not printed yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.gate import Final
from journeys.permission import PermissionEntry, Request, is_allowed
from service.outreach.states import SCHEDULED, SENDING
from service.outreach.store import letters
from service.outreach.store.attempts import ACCEPTED, WITHDRAWN, StoredAttempt, attempts_of_message, update_attempt
from service.outreach.store.letters import StoredLetter
from service.outreach.store.messages import StoredMessage, find_message, messages_of_person, update_message
from service.permission.store import list_entries

MOST = 1_000


def clear_queue(connection: Connection, person: str, now: datetime) -> list[str]:
    """Ends the messages of a locked person that are not permitted any more; returns the ids of those under way.

    Letters that are queued are withdrawn; those that are printed are under way. Every other reason is left to the
    sender, and to the printing of a batch.
    """
    entries = [recorded.entry for recorded in list_entries(connection, person)]
    for stored in messages_of_person(connection, person, SCHEDULED, MOST):
        if not stored.is_answer and not any(
            is_allowed(entries, Request(stored.purpose, channel, stored.topic), now) for channel in stored.channels
        ):
            ended = replace(stored, status="suppressed", reason="no_permission", next_at=None, ended_at=now)
            update_message(connection, ended)
    under_way = [stored.id for stored in messages_of_person(connection, person, SENDING, MOST)]
    return [*under_way, *_clear_letters(connection, person, entries, now)]


def end_queue(connection: Connection, person: str, now: datetime) -> None:
    """Ends all messages of a locked person, to whom nothing more is shared; letters that are queued are withdrawn."""
    for stored in messages_of_person(connection, person, SCHEDULED, MOST):
        ended = replace(stored, status="cleared", reason="not_shared", next_at=None, ended_at=now)
        update_message(connection, ended)
    for letter in letters.letters_of_person(connection, person, letters.QUEUED):
        withdraw_letter(connection, letter, Final("cleared", "not_shared"), now)


def withdraw_letter(connection: Connection, letter: StoredLetter, decision: Final, now: datetime) -> bool:
    """Takes a letter out of the queue; false where it is not there any more.

    Its message ends as the gate decided, as if it had never been handed over. Where its contact is not good any more,
    the sender asks the gate anew: it goes to another contact, or a task is opened.
    """
    if not letters.end_letter(connection, letter.id, letters.QUEUED, letters.WITHDRAWN, now):
        return False
    attempt, stored = accepted_attempt(connection, letter), find_message(connection, letter.message)
    if attempt is not None and stored is not None:
        update_attempt(connection, replace(attempt, result=WITHDRAWN))
        if decision.reason == "no_contact":
            _end_fallback(connection, stored, now)
            stored = replace(stored, status=SCHEDULED, next_at=now, tries=0, ended_at=None)
        else:
            stored = replace(stored, status=decision.state, reason=decision.reason, ended_at=now)
        update_message(connection, stored)
    return True


def _end_fallback(connection: Connection, stored: StoredMessage, now: datetime) -> None:
    """Ends the message by the next channels, if it has not left: handing the first over again makes another."""
    for fallback in messages_of_person(connection, stored.person, SCHEDULED, MOST):
        if stored.id in fallback.earlier:
            ended = replace(fallback, status="suppressed", reason="repeated", next_at=None, ended_at=now)
            update_message(connection, ended)


def accepted_attempt(connection: Connection, letter: StoredLetter) -> StoredAttempt | None:
    """The attempt that put a letter into the queue; None while its outcome is not stored."""
    attempts = attempts_of_message(connection, letter.message)
    accepted = (attempt for attempt in attempts if attempt.contact == letter.contact and attempt.result == ACCEPTED)
    return next(accepted, None)


def _clear_letters(connection: Connection, person: str, entries: list[PermissionEntry], now: datetime) -> Iterator[str]:
    """Withdraws the letters that are not permitted any more; yields the messages of those that are printed."""
    for status in (letters.QUEUED, letters.PRINTED):
        for letter in letters.letters_of_person(connection, person, status):
            attempt = accepted_attempt(connection, letter)
            stored = find_message(connection, letter.message)
            if attempt is None or stored is None:
                continue
            if is_allowed(entries, Request(attempt.purpose, attempt.channel, stored.topic), now):
                continue
            if not withdraw_letter(connection, letter, Final("suppressed", "no_permission"), now):
                yield letter.message
