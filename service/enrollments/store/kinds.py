"""SQL of the kinds of enrollments of a patient. It decides nothing."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from service.platform.database.tables import enrollments


class EnrollmentCount(NamedTuple):
    """How many enrollments a patient has, and how many of them are sandboxes: all or none."""

    all: int
    sandboxes: int


_OF_PATIENT = select(func.count(), func.count(enrollments.c.clock)).where(
    enrollments.c.patient_ref == bindparam("patient_ref")
)


def count_of_patient(connection: Connection, patient_ref: str) -> EnrollmentCount:
    """The number of a patient's enrollments."""
    return EnrollmentCount(*connection.execute(_OF_PATIENT, {"patient_ref": patient_ref}).one())
