"""The person of an enrollment: made with the first, and shared by all of the same patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.preferences import Preferences
from service.persons import store
from service.persons.store import StoredPerson
from service.platform.process import Process

SOURCES = ("record", "app", "staff", "person")
#: Who can say the language and the time zone of a person; who comes later in this list outweighs who comes before.
UNKNOWN = "UTC"
#: The time zone of an enrollment where a health record, which has none, was all that is known.
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What an enrollment says of its patient: the reference, the language, the time zone, and whose words these are."""

    reference: str
    language: str
    time_zone: str
    source: str


def digest_of_reference(process: Process, connection: Connection, reference: str) -> str:
    """The keyed digest by which the person of a patient is found."""
    return process.digests.digest_of(connection, "patient", reference)


def person_of_enrollment(process: Process, connection: Connection, introduced: Introduction, now: datetime) -> str:
    """The id of the patient's person, who is made where there is none.

    What an app says replaces what an app or a record said before, and never what the person said.
    """
    digest = digest_of_reference(process, connection, introduced.reference)
    earlier = store.keep_person(connection, digest)
    if earlier is None:
        is_known = introduced.source != "record" or introduced.time_zone != UNKNOWN
        person = StoredPerson(
            id=process.new_id(),
            reference=introduced.reference,
            language=introduced.language,
            language_from=introduced.source,
            time_zone=introduced.time_zone if is_known else None,
            time_zone_from=introduced.source if is_known else None,
            sequence=0,
            preferences=Preferences(),
            created_at=now,
        )
        if store.add_person(connection, person, digest):
            return person.id
        earlier = store.keep_person(connection, digest)  # another transaction was quicker
        if earlier is None:  # and a third has deleted it
            return person_of_enrollment(process, connection, introduced, now)
    if introduced.source != "record":  # nothing is known to be newer than a record
        language, time_zone = introduced.language, introduced.time_zone
        if _with_words(earlier, introduced.source, language, time_zone) != earlier:
            tell_person(connection, earlier.id, introduced.source, language=language, time_zone=time_zone)
    return earlier.id


def tell_person(
    connection: Connection, person: str, source: str, *, language: str | None = None, time_zone: str | None = None
) -> None:
    """Stores what somebody of `SOURCES` says of a person now, unless it was said by somebody who outweighs them."""
    locked = store.lock_person(connection, person)
    assert locked is not None
    store.update_person(connection, _with_words(locked, source, language, time_zone))


def make_missing_persons(process: Process, of_records: str) -> int:
    """Makes the persons of enrollments of earlier versions, and returns the number of these enrollments.

    Args:
        process: the process.
        of_records: the reporter whose enrollments come from health records.
    """
    count = 0
    while True:
        with process.database.writing() as connection:
            rows = store.enrollments_without_person(connection, PAGE)
            for enrollment, reference, language, time_zone, reporter in rows:
                source = "record" if reporter == of_records else "app"
                introduced = Introduction(reference=reference, language=language, time_zone=time_zone, source=source)
                person = person_of_enrollment(process, connection, introduced, process.clock())
                store.point_to_person(connection, enrollment, person)
        count += len(rows)
        if len(rows) < PAGE:
            return count


def _with_words(person: StoredPerson, source: str, language: str | None, time_zone: str | None) -> StoredPerson:
    if language is not None and _outweighs(source, person.language_from):
        person = replace(person, language=language, language_from=source)
    if time_zone is not None and _outweighs(source, person.time_zone_from):
        person = replace(person, time_zone=time_zone, time_zone_from=source)
    return person


def _outweighs(source: str, earlier: str | None) -> bool:
    return earlier is None or SOURCES.index(source) >= SOURCES.index(earlier)
