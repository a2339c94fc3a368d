"""Letters after they were printed: that a batch was posted, and what came back. It needs no content."""

from __future__ import annotations

from journeys.outreach.incoming.receipts import ProviderReceipt, ReceiptKind
from service.outreach.queue import accepted_attempt
from service.outreach.receipts import store_receipt
from service.outreach.store import letters
from service.outreach.store.letters import POSTED, PRINTED, RETURNED, StoredLetter
from service.persons.store import lock_person
from service.platform import errors
from service.platform.process import Process

BAD_ADDRESS = "5.1.1"
#: The status of a letter that was returned to its sender (RFC 3463: bad destination address).
CHANNEL = "post"
NO_BATCH = "No batch has this id. `journeys letters list` names those that are not confirmed."
NO_LETTER = "No letter has this id; it is printed beside the date."
NOT_POSTED = "Only a letter that was printed or posted can be returned; this letter is '{}'."


def confirm_batch(process: Process, batch: str) -> int:
    """Records that the letters of a batch were posted; returns how many, which is none where that is known.

    Raises:
        NotFound: no batch has this id.
    """
    with process.database.reading() as connection:
        of_batch = letters.letters_of_batch(connection, batch)
    if not of_batch:
        raise errors.NotFound(NO_BATCH)
    return sum(_record(process, letter, PRINTED, POSTED) for letter in of_batch)


def return_letter(process: Process, letter: str) -> None:
    """Records that a letter came back: its address is bad until the person names it again. A repeat changes nothing.

    Raises:
        NotFound: no letter has this id.
        Conflict: it was not printed.
    """
    with process.database.reading() as connection:
        stored = letters.find_letter(connection, letter)
    if stored is None:
        raise errors.NotFound(NO_LETTER)
    if stored.status not in (PRINTED, POSTED, RETURNED):
        raise errors.Conflict(NOT_POSTED.format(stored.status))
    if stored.status == PRINTED:
        _record(process, stored, PRINTED, POSTED)
    _record(process, stored, POSTED, RETURNED)


def _record(process: Process, letter: StoredLetter, before: str, to: str) -> bool:
    """Moves a letter on, with the receipt that this is; false where it is not in `before` any more."""
    kind: ReceiptKind = "delivered" if to == POSTED else "bounced"
    with process.database.writing() as connection:
        person = lock_person(connection, letter.person)
        attempt, now = accepted_attempt(connection, letter), process.clock()
        if person is None or attempt is None or not letters.end_letter(connection, letter.id, before, to, now):
            return False
        digest = process.digests.digest_of(connection, "receipt", f"{CHANNEL} {letter.id} {kind}")
        receipt = ProviderReceipt(digest, now, kind, BAD_ADDRESS if kind == "bounced" else "")
        store_receipt(process, connection, person, attempt, receipt, now)
        return True
