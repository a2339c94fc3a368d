"""What decisions about messages are worked out from, read for several messages with one statement of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.permission import PermissionEntry
from service.access.store.caregivers import StoredCaregiver, query_caregivers
from service.enrollments.store.enrollments import StoredEnrollment, query_enrollments
from service.outreach.store.attempts import PastAttempt, query_attempts
from service.outreach.store.messages import DueMessage, StoredMessage, query_due_messages, query_recalled
from service.outreach.store.receipts import query_arrived
from service.permission.store import query_entries
from service.persons.store import PersonContact, StoredPerson, query_contacts
from service.platform.database.statements import together

LOOK_BACK = timedelta(days=400)
#: How far attempts count: the longest `not_again` is a year.
MOST_RIVALS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a decision about a message is worked out from; where it is the same, so is the decision.

    Attributes:
        stored: the message.
        person: its person.
        contacts: the contacts of the person.
        rivals: the other messages of the person that are due.
        enrollments: the enrollments of all these messages, by id.
        permissions: what the person granted and revoked.
        attempts: what was sent to the person, or tried, within `LOOK_BACK`.
        arrived: the earlier messages, by other channels, of which a receipt says that they arrived.
        recalled: the reminders, of which these messages are, that were recalled.
        caregiver: the caregiver who the person is; None: a patient.
    """

    stored: StoredMessage
    person: StoredPerson
    contacts: Sequence[PersonContact]
    rivals: Sequence[StoredMessage]
    enrollments: Mapping[str, StoredEnrollment]
    permissions: Sequence[PermissionEntry]
    attempts: Sequence[PastAttempt]
    arrived: frozenset[str]
    recalled: frozenset[str]
    caregiver: StoredCaregiver | None = None


def read_bases(connection: Connection, due: Sequence[DueMessage], now: datetime) -> list[Basis]:
    """What decisions about messages, each of another person, are worked out from, in the order of the messages."""
    persons = [each.person.id for each in due]
    with together(connection):
        contacts_of = query_contacts(connection, persons)
        waiting_of = query_due_messages(connection, persons, now)
        permissions_of = query_entries(connection, persons)
        attempts_of = query_attempts(connection, persons, now - LOOK_BACK)
        caregivers_of = query_caregivers(connection, persons)
    contacts, waiting, permissions, attempts = contacts_of(), waiting_of(), permissions_of(), attempts_of()
    caregivers = caregivers_of()
    rivals = {each.message.id: _rivals(each.message, waiting[each.person.id]) for each in due}
    weighed = [each.message for each in due] + [rival for each in rivals.values() for rival in each]
    with together(connection):
        enrollments_by_id = query_enrollments(connection, {message.enrollment for message in weighed})
        arrived_of = query_arrived(connection, {earlier for message in weighed for earlier in message.earlier})
        reminders = {message.subject for message in weighed if message.kind == "reminder"}
        recalled_of = query_recalled(connection, reminders)
    enrollments, arrived, recalled = enrollments_by_id(), arrived_of(), recalled_of()
    return [
        Basis(
            stored=each.message,
            person=each.person,
            contacts=contacts[each.person.id],
            rivals=rivals[each.message.id],
            enrollments={
                message.enrollment: enrollments[message.enrollment]
                for message in (each.message, *rivals[each.message.id])
            },
            permissions=[recorded.entry for recorded in permissions[each.person.id]],
            attempts=attempts[each.person.id],
            arrived=arrived,
            recalled=recalled,
            caregiver=caregivers[each.person.id],
        )
        for each in due
    ]


def _rivals(stored: StoredMessage, waiting: Sequence[StoredMessage]) -> list[StoredMessage]:
    """The first other messages that are due; an answer has none."""
    if stored.is_answer:
        return []
    return [each for each in waiting if each.id != stored.id and not each.is_answer][:MOST_RIVALS]
