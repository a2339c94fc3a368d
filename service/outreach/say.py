"""What patients and caregivers write to the care team in an app: stored once, and read by a person in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from journeys.definition.programmes import contacts_of
from service.access.caller import Caller
from service.effects.words import READ_WITHIN, TITLES, open_task_for_words
from service.enrollments.answers import told_view
from service.enrollments.read import load
from service.enrollments.store.enrollments import StoredEnrollment
from service.outreach.store.inbound import APP, NO_CONTACT, StoredWords, add_words, find_words, words_with_tasks
from service.platform import errors
from service.platform.form_fields import storable
from service.publishing.service import Service

NOT_OF_STAFF = "Only a patient, a caregiver or their app writes to the care team."
NOT_IN_SANDBOX = "Nobody reads what is written in a sandbox."
OTHER_WORDS = "Other words were sent with this id. Send new words with a new id."


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsToTeam:
    """What the caller writes; `id` is the caller's id of it, which never changes."""

    id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsReceipt:
    """What becomes of words: when they arrived, by when a person reads them (both UTC), and whom to call meanwhile."""

    id: str
    received_at: datetime
    read_by: datetime
    contacts: Mapping[str, Mapping[str, str | None]]


def say(service: Service, caller: Caller, enrollment: str, words: WordsToTeam) -> WordsReceipt:
    """Stores what a patient or a caregiver writes to the care team, and opens a task that is due in a day.

    The same words with the same id are stored once. Nothing answers them but a person.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
        Forbidden: staff do not write to themselves, and nobody writes in a sandbox.
        Conflict: the id was used before with other words.
    """
    if caller.by not in TITLES:
        raise errors.Forbidden(NOT_OF_STAFF)
    with service.database.writing() as connection:
        stored, now = load(service, connection, caller, enrollment)
        if stored.is_sandbox:
            raise errors.Forbidden(NOT_IN_SANDBOX)
        received_at = _store(service, connection, caller, stored, words, service.clock())
        contacts = _contacts(service, connection, caller, stored, now)
    return WordsReceipt(id=words.id, received_at=received_at, read_by=received_at + READ_WITHIN, contacts=contacts)


def read_words(service: Service, enrollment: str) -> list[StoredWords]:
    """What was written to the care team about an enrollment and opened a task, in order of arrival; for staff only."""
    with service.database.reading() as connection:
        return words_with_tasks(connection, enrollment)


def _store(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    words: WordsToTeam,
    now: datetime,
) -> datetime:
    """Stores the words and opens their task, unless that was done before; returns when they arrived."""
    person = caller.caregiver.person if caller.caregiver is not None else stored.person
    assert person is not None  # a patient is introduced with the enrollment, a caregiver with the invitation
    digest = service.digests.digest_of(connection, "inbound", f"{APP} {stored.id} {caller.name} {words.id}")
    said = StoredWords(
        id=service.new_id(),
        digest=digest,
        person=person,
        contact=NO_CONTACT,
        channel=APP,
        reply="free_text",
        at=now,
        received_at=now,
        text=storable(words.text),
    )
    if not add_words(connection, said):
        earlier = find_words(connection, digest, NO_CONTACT)
        if earlier is None or earlier.text != said.text:
            raise errors.Conflict(OTHER_WORDS)
        return earlier.received_at
    open_task_for_words(connection, stored.id, said.id, TITLES[caller.by], now)
    return now


def _contacts(
    service: Service, connection: Connection, caller: Caller, stored: StoredEnrollment, now: datetime
) -> Mapping[str, Mapping[str, str | None]]:
    """Whom to call meanwhile: the contacts on the screen of the caller."""
    seen = told_view(service, connection, caller, stored, None, now)
    places = seen.view.shown.places if seen.view.shown is not None else frozenset[str]()
    return contacts_of(seen.servable.catalogue.plan.journey, seen.servable.values, seen.chosen.locale, places)
