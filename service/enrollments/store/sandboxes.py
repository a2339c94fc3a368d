"""SQL that tells sandboxes from patients, and deletes sandboxes. It decides nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Delete, bindparam, delete, func, select

from service.platform.database.tables import enrollments, fhir_records, fhir_sources, metadata, persons


class EnrollmentCount(NamedTuple):
    """How many enrollments a patient has, and how many of them are sandboxes: all or none."""

    all: int
    sandboxes: int


def _all_that_name(column: Column[Any]) -> list[Delete]:
    """Statements that delete the rows of all tables that refer to a column, and the rows of its own table."""
    referring = [
        delete(table).where(each == bindparam("id"))
        for table in reversed(metadata.sorted_tables)
        for each in table.columns
        if any(key.column is column for key in each.foreign_keys)
    ]
    return [*referring, delete(column.table).where(column == bindparam("id"))]


_OF_PATIENT = select(func.count(), func.count(enrollments.c.clock)).where(
    enrollments.c.patient_ref == bindparam("patient_ref")
)
_RECORDS = select(fhir_records.c.id).where(fhir_records.c.enrollment == bindparam("id"))
#: What refers to a health record goes before the record. No message is made of a sandbox.
_DELETE = [
    delete(fhir_sources).where(fhir_sources.c.record.in_(_RECORDS)),
    delete(fhir_records).where(fhir_records.c.same_as.in_(_RECORDS)),
    *_all_that_name(enrollments.c.id),
]
_LOCK_PERSON = select(persons.c.id).where(persons.c.id == bindparam("id")).with_for_update()
_DELETE_PERSON = _all_that_name(persons.c.id)


def count_of_patient(connection: Connection, patient_ref: str) -> EnrollmentCount:
    """The number of a patient's enrollments."""
    return EnrollmentCount(*connection.execute(_OF_PATIENT, {"patient_ref": patient_ref}).one())


def delete_sandbox(connection: Connection, enrollment: str) -> None:
    """Deletes a sandbox with all that is stored of it, but its person."""
    for statement in _DELETE:
        connection.execute(statement, {"id": enrollment})


def lock_person_to_delete(connection: Connection, person: str) -> None:
    """Waits for those that add an enrollment of a person, so that they are counted; who comes later waits."""
    connection.execute(_LOCK_PERSON, {"id": person})


def delete_person(connection: Connection, person: str) -> None:
    """Deletes the person of sandboxes that are deleted, with contacts, permissions and what they wrote."""
    for statement in _DELETE_PERSON:
        connection.execute(statement, {"id": person})
