"""What waits for a person: messages in a state, and letters to print or to confirm. It needs no content."""

from __future__ import annotations

from service.outreach.store.letters import PRINTED, QUEUED, StoredLetter, letters_of_status
from service.outreach.store.messages import StoredMessage, messages_of_status
from service.platform.process import Process


def list_by_state(process: Process, state: str) -> list[StoredMessage]:
    """The messages of all patients in a state, such as `unknown`, oldest first."""
    with process.database.reading() as connection:
        return messages_of_status(connection, state)


def list_open_letters(process: Process) -> list[StoredLetter]:
    """The letters that are queued, and those that are printed and not confirmed."""
    with process.database.reading() as connection:
        return [letter for status in (QUEUED, PRINTED) for letter in letters_of_status(connection, status)]
