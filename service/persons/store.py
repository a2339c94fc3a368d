"""SQL of persons and their contacts. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from journeys.outreach.preferences import Preferences
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared, PreparedForMany, Target
from service.platform.database.tables import caregivers, contact_codes, contacts, enrollments, events, persons


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """A patient of whatever journeys.

    Attributes:
        id: random.
        reference: the clinic's reference of the patient.
        language: a language tag; `language_from` is who said it: `record`, `app`, `staff` or `person`.
        time_zone: the name of a time zone, or None where nobody said it; `time_zone_from` like `language_from`.
        sequence: counts what was granted, revoked and sent.
        preferences: what the person prefers.
        created_at: when the person was stored, UTC.
    """

    id: str
    reference: str
    language: str
    language_from: str
    time_zone: str | None
    time_zone_from: str | None
    sequence: int
    preferences: Preferences
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonContact:
    """An address of a person for one channel.

    `address` is a JSON value whose form depends on the channel. `verified_by` is `word` (the holder of the token said
    so), `provider` (one with which the person signs in) or `code`. `status` is `good`, `bad` or `paused`.
    """

    id: str
    person: str
    channel: str
    address: Any
    verified_by: str
    status: str
    created_at: datetime


_READ = tuple(each.name for each in fields(StoredPerson))
_BY_REFERENCE = select(persons).where(persons.c.reference_digest == bindparam("digest"))
_OF_REFERENCE = Prepared(_BY_REFERENCE)
#: Waits for a deletion, and for no other change.
_KEPT = Prepared(_BY_REFERENCE.with_for_update(read=True, key_share=True))
_ONE = Prepared(select(persons).where(persons.c.id == bindparam("id")))
#: Rows that point to a locked person can be added meanwhile: the key never changes.
_LOCKED = PreparedForMany(select(persons).order_by(persons.c.id).with_for_update(key_share=True), persons.c.id)
_INSERT = InsertIgnoring(persons, persons.c.id)
_UPDATE = Prepared(
    update(persons)
    .where(persons.c.id == bindparam("the_id"))
    .values(
        {
            name: bindparam(name)
            for name in ("language", "language_from", "time_zone", "time_zone_from", "sequence", "preferences")
        }
    )
)
_CONTACTS = PreparedForMany(select(contacts).order_by(contacts.c.id), contacts.c.person)
_SAME_ADDRESS = (
    select(contacts)
    .where(
        contacts.c.person == bindparam("person"),
        contacts.c.channel == bindparam("channel"),
        contacts.c.address_digest == bindparam("digest"),
    )
    .order_by(contacts.c.id)
)
_INSERT_CONTACT = InsertIgnoring(contacts, contacts.c.id)
_DELETE_CONTACT = delete(contacts).where(contacts.c.id == bindparam("id"), contacts.c.person == bindparam("person"))
_FORGET = (
    delete(contact_codes).where(contact_codes.c.person == bindparam("the_person")),
    delete(contacts).where(contacts.c.person == bindparam("the_person")),
    update(persons)
    .where(persons.c.id == bindparam("the_person"))
    .values(preferences=seal(Preferences().to_stored()), time_zone=None, time_zone_from=None),
)
_OF_ADDRESS = (
    select(contacts.c.id, contacts.c.person)
    .where(contacts.c.channel == bindparam("channel"), contacts.c.address_digest == bindparam("digest"))
    .order_by(contacts.c.person)
)
_CONFIRMED = Prepared(
    select(contacts)
    .where(
        contacts.c.channel == bindparam("channel"),
        contacts.c.address_digest == bindparam("digest"),
        contacts.c.verified_by == "code",
        contacts.c.status == "good",
        contacts.c.person.not_in(select(caregivers.c.person).where(caregivers.c.person == contacts.c.person)),
    )
    .order_by(contacts.c.id)
)
_SET_STATUS = update(contacts).where(contacts.c.id == bindparam("the_id")).values(status=bindparam("to"))
_VERIFY = update(contacts).where(contacts.c.id == bindparam("the_id")).values(verified_by="code")
_CHANGE_STATUS = _SET_STATUS.where(contacts.c.status == bindparam("before"))
_WITHOUT_PERSON = (
    select(
        enrollments.c.id,
        enrollments.c.patient_ref,
        enrollments.c.locale,
        enrollments.c.time_zone,
        events.c.reporter,
    )
    .join_from(enrollments, events)
    .where(enrollments.c.person.is_(None), events.c.position == 0)  # the event that enrolled the patient
    .order_by(enrollments.c.id)
    .limit(bindparam("count"))
)
_POINT = update(enrollments).where(enrollments.c.id == bindparam("the_id")).values(person=bindparam("person"))


def find_person(connection: Connection, reference_digest: str) -> StoredPerson | None:
    """A person by the digest of the reference, or None."""
    row = _OF_REFERENCE.first(connection, {"digest": reference_digest})
    return person_of_row(row) if row is not None else None


def keep_person(connection: Connection, reference_digest: str) -> StoredPerson | None:
    """A person by the digest of the reference, who is not deleted before this transaction ends, or None."""
    row = _KEPT.first(connection, {"digest": reference_digest})
    return person_of_row(row) if row is not None else None


def load_person(connection: Connection, person: str) -> StoredPerson | None:
    """A person by the id, or None."""
    row = _ONE.first(connection, {"id": person})
    return person_of_row(row) if row is not None else None


def lock_person(connection: Connection, person: str) -> StoredPerson | None:
    """A person whom nobody else changes before this transaction ends, or None."""
    return next(iter(lock_persons(connection, [person])()), None)


def lock_persons(connection: Connection, ids: Collection[str]) -> Callable[[], list[StoredPerson]]:
    """A function that fetches persons whom nobody else changes before this transaction ends; see `Prepared.send`.

    They are locked in the order of their ids: two transactions that lock several do not wait for each other.
    """
    groups = _LOCKED.send_groups(connection, sorted(ids))
    return lambda: [person_of_row(row) for rows in groups().values() for row in rows]


def add_person(connection: Connection, person: StoredPerson, reference_digest: str) -> bool:
    """Stores a new person; false where the reference has a person already."""
    values = {
        "id": person.id,
        "reference_digest": reference_digest,
        "reference": seal({"reference": person.reference}),
        "created_at": person.created_at,
        **_changing(person),
    }
    return _INSERT.first(connection, values) is not None


def update_person(target: Target, person: StoredPerson) -> None:
    """Stores what has changed of a person."""
    _UPDATE.run(target, {"the_id": person.id, **_changing(person)})


def list_contacts(connection: Connection, person: str) -> list[PersonContact]:
    """The contacts of a person, in the order of their ids."""
    return query_contacts(connection, [person])()[person]


def query_contacts(connection: Connection, persons: Collection[str]) -> Callable[[], dict[str, list[PersonContact]]]:
    """A function that fetches the contacts of each person, in the order of their ids; see `Prepared.send`."""
    groups = _CONTACTS.send_groups(connection, persons)
    return lambda: {person: [_contact(row) for row in rows] for person, rows in groups().items()}


def find_contact(connection: Connection, person: str, channel: str, address_digest: str) -> PersonContact | None:
    """The contact of a person with an address, or None."""
    values = {"person": person, "channel": channel, "digest": address_digest}
    row = connection.execute(_SAME_ADDRESS, values).first()
    return _contact(row) if row is not None else None


def add_contact(connection: Connection, contact: PersonContact, address_digest: str) -> bool:
    """Stores a new contact; false where the person has it already."""
    values = {
        "id": contact.id,
        "person": contact.person,
        "channel": contact.channel,
        "address_digest": address_digest,
        "address": seal({"address": contact.address}),
        "verified_by": contact.verified_by,
        "status": contact.status,
        "created_at": contact.created_at,
    }
    return _INSERT_CONTACT.first(connection, values) is not None


def delete_contact(connection: Connection, person: str, contact: str) -> bool:
    """Removes a contact of a person; false where the person has none of this id."""
    return connection.execute(_DELETE_CONTACT, {"id": contact, "person": person}).rowcount == 1


def forget_contacts(connection: Connection, person: str) -> None:
    """Deletes how a locked person can be reached: addresses, their codes, preferences and the time zone."""
    for statement in _FORGET:
        connection.execute(statement, {"the_person": person})


def set_contact_status(connection: Connection, contact: str, status: str) -> None:
    """Sets whether a contact is good, bad or paused."""
    connection.execute(_SET_STATUS, {"the_id": contact, "to": status})


def change_contact_status(connection: Connection, contact: str, before: str, to: str) -> None:
    """Sets the status of a contact where it has another one that is named."""
    connection.execute(_CHANGE_STATUS, {"the_id": contact, "before": before, "to": to})


def verify_contact(connection: Connection, contact: str) -> None:
    """Records that a contact was verified by a code."""
    connection.execute(_VERIFY, {"the_id": contact})


def contacts_of_address(connection: Connection, channel: str, address_digest: str) -> list[tuple[str, str]]:
    """The id and the person of each contact with an address, in the order of persons."""
    rows = connection.execute(_OF_ADDRESS, {"channel": channel, "digest": address_digest})
    return [(row.id, row.person) for row in rows]


def confirmed_contacts(connection: Connection, channel: str, address_digest: str) -> list[PersonContact]:
    """The good contacts of patients with an address that they confirmed by a code, in the order of their ids.

    Those of caregivers sign nobody in, and keep no patient with the same address from signing in.
    """
    return [_contact(row) for row in _CONFIRMED.all(connection, {"channel": channel, "digest": address_digest})]


def enrollments_without_person(connection: Connection, count: int) -> list[tuple[str, str, str, str, str]]:
    """Enrollments of earlier versions: id, reference of the patient, language, time zone, and who enrolled them."""
    return [tuple(row) for row in connection.execute(_WITHOUT_PERSON, {"count": count})]


def point_to_person(connection: Connection, enrollment: str, person: str) -> None:
    """Lets an enrollment point to its person."""
    connection.execute(_POINT, {"the_id": enrollment, "person": person})


def _changing(person: StoredPerson) -> dict[str, Any]:
    return {
        "language": person.language,
        "language_from": person.language_from,
        "time_zone": person.time_zone,
        "time_zone_from": person.time_zone_from,
        "sequence": person.sequence,
        "preferences": seal(person.preferences.to_stored()),
    }


def _contact(row: Any) -> PersonContact:
    return PersonContact(
        id=row.id,
        person=row.person,
        channel=row.channel,
        address=unseal(row.address)["address"],
        verified_by=row.verified_by,
        status=row.status,
        created_at=row.created_at,
    )


def person_of_row(row: Any, prefix: str = "") -> StoredPerson:
    """The person in a row, whose columns have the names of the table's after a prefix."""
    values = {name: getattr(row, prefix + name) for name in _READ}
    reference, preferences = unseal(values.pop("reference"))["reference"], unseal(values.pop("preferences"))
    return StoredPerson(reference=reference, preferences=Preferences.from_stored(preferences), **values)
