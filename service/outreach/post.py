"""Letters: handing a letter over puts it into the queue, from which staff print it. It prints nothing."""

from __future__ import annotations

import json
from datetime import UTC

from sqlalchemy import Connection

from service.outreach.port import Accepted, Envelope, Outcome, Permanent, Reason, Transient, checked_key
from service.outreach.store.attempts import BEGUN, StoredAttempt, attempts_of_message
from service.outreach.store.letters import (
    QUEUED,
    WITHDRAWN,
    LetterPage,
    StoredLetter,
    add_letter,
    letter_of_message,
    queue_again,
)
from service.persons.store import lock_person
from service.platform.errors import Unavailable
from service.platform.process import Process
from service.platform.time_zones import zone_of


class PostChannel:
    """Queues letters; `Channel` for post. Threads may share it.

    A message that comes again is the letter that is queued already, so that repeats are told. Where it goes to another
    contact meanwhile, or its letter was withdrawn, the letter is written anew.
    """

    def __init__(self, process: Process, sender: tuple[str, ...]) -> None:
        """`sender`: the lines of the postal address of the sender."""
        self._process = process
        self._sender = sender

    def send(self, envelope: Envelope, key: str) -> Outcome:
        """Queue a letter; see `Channel`. The address of the envelope is the JSON of its lines."""
        checked_key(key)
        recipient = _lines(envelope.address)
        if not recipient:
            return Permanent(Reason.BAD_ADDRESS)
        if not envelope.html:
            return Permanent(Reason.BAD_CONTENT)
        try:
            with self._process.database.writing() as connection:
                return self._queue(connection, envelope, envelope.html, recipient, key)
        except Unavailable:
            return Transient(Reason.BUSY)

    def _queue(
        self, connection: Connection, envelope: Envelope, body: str, recipient: tuple[str, ...], message: str
    ) -> Outcome:
        attempt = next((each for each in attempts_of_message(connection, message) if each.result == BEGUN), None)
        person = lock_person(connection, attempt.person) if attempt is not None else None
        earlier = letter_of_message(connection, message)
        if earlier is not None and (attempt is None or not _is_outdated(earlier, attempt)):
            return Accepted(earlier.id)
        if attempt is None or person is None:
            return Permanent(Reason.REFUSED)
        now = self._process.clock()
        day = now.astimezone(zone_of(person.time_zone) if person.time_zone is not None else UTC).date()
        letter = StoredLetter(
            id=earlier.id if earlier is not None else self._process.new_id(),
            message=message,
            person=person.id,
            contact=attempt.contact,
            status=QUEUED,
            batch=None,
            queued_at=now,
            changed_at=now,
        )
        page = LetterPage(
            locale=envelope.locale,
            sender=self._sender,
            recipient=recipient,
            day=day.isoformat(),
            title=envelope.subject,
            body=body,
        )
        if earlier is None:
            add_letter(connection, letter, page)
        else:
            queue_again(connection, earlier.status, letter, page)
        return Accepted(letter.id)


def _is_outdated(letter: StoredLetter, attempt: StoredAttempt) -> bool:
    """Whether a letter was not printed and is not what an attempt sends now."""
    return letter.status == WITHDRAWN or (letter.status == QUEUED and letter.contact != attempt.contact)


def _lines(address: str) -> tuple[str, ...]:
    """The lines of a postal address; empty where it is not one."""
    try:
        lines = json.loads(address)
    except ValueError:
        return ()
    is_address = isinstance(lines, list) and all(isinstance(line, str) and line.strip() for line in lines)
    return tuple(lines) if is_address else ()
