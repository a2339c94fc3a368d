"""Letters after they were queued: printing a batch, confirming that it was posted, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.rendering import Letter, Paper, letters_html
from journeys.outreach.gate import Final, GateDecision, SendNow
from journeys.outreach.incoming import ProviderReceipt
from journeys.outreach.incoming.receipts import ReceiptKind
from service.outreach.queue import accepted_attempt, withdraw_letter
from service.outreach.receipts import store_receipt
from service.outreach.states import FINAL
from service.outreach.store import letters
from service.outreach.store.letters import POSTED, PRINTED, QUEUED, RETURNED, LetterPage, StoredLetter
from service.outreach.store.messages import find_message
from service.outreach.weigh import weigh_again
from service.persons.store import lock_person
from service.platform import errors
from service.publishing.service import Service

MOST = 500
#: Letters of a batch.
BAD_ADDRESS = "5.1.1"
#: The status of a letter that was returned to its sender (RFC 3463: bad destination address).
CHANNEL = "post"
NO_BATCH = "No batch has this id. `journeys letters list` names those that are not confirmed."
NO_LETTER = "No letter has this id; it is printed beside the date."
NOT_POSTED = "Only a letter that was printed or posted can be returned; this letter is '{}'."


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


def confirm_batch(service: Service, batch: str) -> int:
    """Records that the letters of a batch were posted; returns how many, which is none where that is known.

    Raises:
        NotFound: no batch has this id.
    """
    with service.database.reading() as connection:
        of_batch = letters.letters_of_batch(connection, batch)
    if not of_batch:
        raise errors.NotFound(NO_BATCH)
    return sum(_record(service, letter, PRINTED, POSTED) for letter in of_batch)


def return_letter(service: Service, letter: str) -> None:
    """Records that a letter came back: its address is bad until the person names it again. A repeat changes nothing.

    Raises:
        NotFound: no letter has this id.
        Conflict: it was not printed.
    """
    with service.database.reading() as connection:
        stored = letters.find_letter(connection, letter)
    if stored is None:
        raise errors.NotFound(NO_LETTER)
    if stored.status not in (PRINTED, POSTED, RETURNED):
        raise errors.Conflict(NOT_POSTED.format(stored.status))
    if stored.status == PRINTED:
        _record(service, stored, PRINTED, POSTED)
    _record(service, stored, POSTED, RETURNED)


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


def _record(service: Service, letter: StoredLetter, before: str, to: str) -> bool:
    """Moves a letter on, with the receipt that this is; false where it is not in `before` any more."""
    kind: ReceiptKind = "delivered" if to == POSTED else "bounced"
    with service.database.writing() as connection:
        person = lock_person(connection, letter.person)
        attempt, now = accepted_attempt(connection, letter), service.clock()
        if person is None or attempt is None or not letters.end_letter(connection, letter.id, before, to, now):
            return False
        digest = service.digests.digest_of(connection, "receipt", f"{CHANNEL} {letter.id} {kind}")
        receipt = ProviderReceipt(digest, now, kind, BAD_ADDRESS if kind == "bounced" else "")
        store_receipt(service, connection, person, attempt, receipt, now)
        return True
