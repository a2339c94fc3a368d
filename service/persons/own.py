"""What a person, or staff for a person, read of the person, and the contacts that they add and remove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from journeys.primitives.errors import Refused
from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.persons import store
from service.persons.addresses import checked_address, digest_of_address, masked_address
from service.persons.introduce import digest_of_reference
from service.persons.store import PersonContact, StoredPerson
from service.platform import errors
from service.platform.process import Process

MOST_CONTACTS = 20
WHICH_PERSON = "Name the person: the 'person' of the patient of an enrollment."


@dataclass(frozen=True, slots=True)
class OwnContact:
    """A contact with its address masked."""

    contact: PersonContact
    masked: str


@dataclass(frozen=True, slots=True)
class OwnPreferences:
    """A person with the contacts."""

    person: StoredPerson
    contacts: list[OwnContact]


def require_person(process: Process, connection: Connection, caller: Caller, person: str | None) -> StoredPerson:
    """The person of the patient or the caregiver whose token this is; for staff, the person that they name.

    Raises:
        NotFound: there is none, or it is another's.
        Refused: staff named none.
    """
    if caller.caregiver is not None:
        loaded = store.load_person(connection, caller.caregiver.person)
    elif caller.patient_ref is None:
        if person is None:
            raise Refused({"person": [WHICH_PERSON]})
        loaded = store.load_person(connection, person)
    else:
        loaded = store.find_person(connection, digest_of_reference(process, connection, caller.patient_ref))
    if loaded is None or person not in (None, loaded.id):
        raise errors.NotFound
    return loaded


def add_contact(process: Process, caller: Caller, person: str | None, channel: str, address: object) -> OwnPreferences:
    """Stores an address on the word of the token's holder.

    A good address that the person has already stays as it is; a bad or a paused one is made anew, and is good.

    Raises:
        Refused: the channel does not take this address.
        TooMany: the person has as many contacts as are accepted.
        NotFound: see `require_person`.
    """
    checked = checked_address(channel, address)
    with process.database.writing() as connection:
        owner = store.lock_person(connection, require_person(process, connection, caller, person).id)
        assert owner is not None
        store_contact(process, connection, owner.id, channel, checked, "word")
        return with_contacts(connection, owner)


def store_contact(
    process: Process, connection: Connection, person: str, channel: str, checked: Any, verified_by: str
) -> None:
    """Stores a checked address of a locked person; a good contact with it stays as it is.

    Raises:
        TooMany: the person has as many contacts as are accepted.
    """
    digest = digest_of_address(process, connection, channel, checked)
    earlier = store.find_contact(connection, person, channel, digest)
    if earlier is not None and earlier.status == "good":
        return
    if earlier is not None:
        store.delete_contact(connection, person, earlier.id)
    elif len(store.list_contacts(connection, person)) >= MOST_CONTACTS:
        raise errors.TooMany(f"A person can have {counted(MOST_CONTACTS, 'contact')}. Remove another first.")
    contact = PersonContact(
        id=process.new_id(),
        person=person,
        channel=channel,
        address=checked,
        verified_by=verified_by,
        status="good",
        created_at=process.clock(),
    )
    store.add_contact(connection, contact, digest)


def remove_contact(process: Process, caller: Caller, person: str | None, contact: str) -> OwnPreferences:
    """Removes a contact; raises NotFound where the person has none of this id, and like `require_person`."""
    with process.database.writing() as connection:
        owner = require_person(process, connection, caller, person)
        if not store.delete_contact(connection, owner.id, contact):
            raise errors.NotFound
        return with_contacts(connection, owner)


def with_contacts(connection: Connection, person: StoredPerson) -> OwnPreferences:
    """A person with the contacts, their addresses masked."""
    contacts = store.list_contacts(connection, person.id)
    return OwnPreferences(
        person, [OwnContact(contact, masked_address(contact.channel, contact.address)) for contact in contacts]
    )
