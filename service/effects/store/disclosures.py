"""SQL of disclosures: the versions of pieces that a patient was given, with the first time. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, func, select

from service.platform.database.statements import InsertIgnoring, Target
from service.platform.database.tables import caregiver_shown, enrollments, pieces, shown


@dataclass(frozen=True, slots=True)
class PieceDisclosure:
    """One version of a piece that was given to a patient during one stay; `first_at` is when first.

    `caregiver` is the id of the caregiver to whom it was given, if it was not the patient.
    """

    piece: str
    version: str
    stay: str
    locale: str
    channel: str
    first_at: datetime
    caregiver: str | None = None

    @property
    def key(self) -> tuple[str | None, ...]:
        """What it says but for the time: it is stored once."""
        return self.piece, self.version, self.stay, self.locale, self.channel, self.caregiver


_INSERT_SHOWN = InsertIgnoring(shown)
_INSERT_SHOWN_TO_CAREGIVER = InsertIgnoring(caregiver_shown)
#: The characters of a version's digest that are stored: 64 bits, where one piece has some dozens of versions.
_STORED = 16


def _with_versions(table: Table) -> Select[Any]:
    """The rows of a table of what was shown, with the whole digests of the versions and the journeys."""
    return (
        select(table, func.coalesce(pieces.c.version, table.c.version).label("full_version"), enrollments.c.journey)
        .join_from(table, enrollments)
        .outerjoin(
            pieces,
            (pieces.c.journey == enrollments.c.journey)
            & (pieces.c.key == table.c.piece)
            & (func.substr(pieces.c.version, 1, _STORED) == table.c.version),
        )
    )


def _of_patient(table: Table) -> Select[Any]:
    return (
        _with_versions(table)
        .where(
            enrollments.c.patient_ref == bindparam("patient_ref"),
            (table.c.first_at < bindparam("before")) | enrollments.c.clock.is_not(None),  # a sandbox may be ahead
        )
        .order_by(table.c.first_at.desc(), table.c.enrollment, table.c.piece, table.c.locale, table.c.channel)
    )


_SHOWN = _with_versions(shown)
_SHOWN_IN_STAYS = _SHOWN.where(
    shown.c.enrollment == bindparam("enrollment"), shown.c.stay.in_(bindparam("stays", expanding=True))
).order_by(shown.c.first_at, shown.c.piece, shown.c.locale, shown.c.channel)
_SHOWN_TO_PATIENT = _of_patient(shown)
_SHOWN_TO_CAREGIVERS = _of_patient(caregiver_shown)


def record_disclosures(target: Target, enrollment: str, disclosures: Sequence[PieceDisclosure]) -> None:
    """Stores which pieces were given to the patient, or to a caregiver, once per version and stay."""
    to_patient = [_row(enrollment, disclosure) for disclosure in disclosures if disclosure.caregiver is None]
    if to_patient:
        _INSERT_SHOWN.run_many(target, to_patient)
    to_caregivers = [
        _row(enrollment, disclosure) | {"caregiver": disclosure.caregiver}
        for disclosure in disclosures
        if disclosure.caregiver is not None
    ]
    if to_caregivers:
        _INSERT_SHOWN_TO_CAREGIVER.run_many(target, to_caregivers)


def disclosures_in_stays(connection: Connection, enrollment: str, stays: Iterable[str]) -> list[PieceDisclosure]:
    """The pieces that were given to the patient during some stays."""
    values = {"enrollment": enrollment, "stays": sorted(stays)}
    return [_disclosure(row) for row in connection.execute(_SHOWN_IN_STAYS, values)]


def disclosures_to_patient(
    connection: Connection, patient_ref: str, before: datetime
) -> list[tuple[str, str, PieceDisclosure]]:
    """The pieces given to a patient before an instant or in a sandbox, newest first, with enrollment and journey."""
    rows = connection.execute(_SHOWN_TO_PATIENT, {"patient_ref": patient_ref, "before": before})
    return [(row.enrollment, row.journey, _disclosure(row)) for row in rows]


def disclosures_to_caregivers(
    connection: Connection, patient_ref: str, before: datetime
) -> list[tuple[str, str, PieceDisclosure]]:
    """The pieces given to the caregivers of a patient, like `disclosures_to_patient`."""
    rows = connection.execute(_SHOWN_TO_CAREGIVERS, {"patient_ref": patient_ref, "before": before})
    return [(row.enrollment, row.journey, replace(_disclosure(row), caregiver=row.caregiver)) for row in rows]


def _row(enrollment: str, disclosure: PieceDisclosure) -> dict[str, Any]:
    return {
        "enrollment": enrollment,
        "piece": disclosure.piece,
        "version": disclosure.version[:_STORED],
        "stay": disclosure.stay,
        "locale": disclosure.locale,
        "channel": disclosure.channel,
        "first_at": disclosure.first_at,
    }


def _disclosure(row: Any) -> PieceDisclosure:
    return PieceDisclosure(row.piece, row.full_version, row.stay, row.locale, row.channel, row.first_at)
