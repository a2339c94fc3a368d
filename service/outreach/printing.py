"""Printing letters: those that are queued and may still leave are put into a batch, which is one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.rendering import Letter, Paper, letters_html
from journeys.outreach.gate import Final, GateDecision, SendNow
from service.outreach.queue import accepted_attempt, withdraw_letter
from service.outreach.states import FINAL
from service.outreach.store import letters
from service.outreach.store.letters import PRINTED, QUEUED, LetterPage, StoredLetter
from service.outreach.store.messages import find_message
from service.outreach.weigh import weigh_again
from service.persons.store import lock_person
from service.publishing.service import Service

MOST = 500
#: Letters of a batch.


@dataclass(frozen=True, slots=True)
class PrintFile:
    """The print file of a batch that is not confirmed yet."""

    batch: str
    count: int
    html: str


@dataclass(frozen=True, slots=True)
class Printing:
    """The print files of all batches that are not confirmed, and how many letters were withdrawn meanwhile."""

    files: Sequence[PrintFile]
    withdrawn: int


def print_letters(service: Service, paper: Paper) -> Printing:
    """Puts the queued letters that may still leave into a batch; returns the files of all batches not confirmed.

    The gate is asked again about each letter, in the transaction that prints or withdraws it. A batch whose file was
    lost, or that was printed before, gives the same file again.
    """
    batch, count, withdrawn = service.new_id(), 0, 0
    with service.database.reading() as connection:
        queued = letters.letters_of_status(connection, QUEUED)
    for letter in queued:  # a letter that follows another was queued after it, so that it is asked about after it
        decision = _print_or_withdraw(service, letter, batch)
        count += isinstance(decision, SendNow)
        withdrawn += isinstance(decision, Final)
        if count == MOST:
            break
    with service.database.reading() as connection:
        printed = letters.letters_of_status(connection, PRINTED)
        batches = dict.fromkeys(letter.batch for letter in printed if letter.batch is not None)
        files = [_file(batch, letters.pages_of_batch(connection, batch), paper) for batch in batches]
    return Printing(files, withdrawn)


def _print_or_withdraw(service: Service, queued: StoredLetter, batch: str) -> GateDecision | None:
    """Does what the gate decides about a queued letter; None where it waits, or has left the queue meanwhile."""
    with service.database.writing() as connection:
        lock_person(connection, queued.person)
        letter, now = letters.find_letter(connection, queued.id), service.clock()
        if letter is None or letter.status != QUEUED:
            return None
        decision = _decide(service, connection, letter, now)
        if isinstance(decision, SendNow):
            letters.put_into_batch(connection, letter.id, batch, now)
        elif isinstance(decision, Final):
            withdraw_letter(connection, letter, decision, now)
        return decision


def _decide(service: Service, connection: Connection, letter: StoredLetter, now: datetime) -> GateDecision | None:
    """Whether a letter may still leave; None while the outcome of its attempt is not stored."""
    stored = find_message(connection, letter.message)
    assert stored is not None
    if accepted_attempt(connection, letter) is None:
        return Final("suppressed", "repeated") if stored.status in FINAL else None
    return weigh_again(service, connection, stored, letter.contact, now)


def _file(batch: str, pages: Sequence[tuple[str, LetterPage]], paper: Paper) -> PrintFile:
    printed = [
        Letter(
            id=letter,
            locale=page.locale,
            sender=page.sender,
            recipient=page.recipient,
            day=page.day,
            title=page.title,
            body=page.body,
        )
        for letter, page in pages
    ]
    return PrintFile(batch, len(printed), letters_html(f"Letters {batch}", printed, paper))
