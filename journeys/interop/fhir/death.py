"""Reads the death of a patient from the versions of the Patient resource. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from journeys.interop.fhir.record import ResourceVersion
from journeys.interop.fhir.resources import partial_date, time_of


@dataclass(frozen=True, slots=True)
class Death:
    """When a patient died (`at`, and whether only the day); without `is_dated` it is the day on which it was known."""

    at: datetime
    day: bool
    is_dated: bool


def death_of(versions: Iterable[ResourceVersion], now: datetime) -> Death | bool | None:
    """The death that the versions of a Patient (the newest first) say; False where the newest denies it; else None.

    A version that says nothing changes nothing, and one without the day does not replace a day that an older one says.
    A date before 1900 counts as missing, and one in the future has not happened.
    """
    known_since: datetime | None = None
    for version in versions:
        patient = version.excerpt or {}
        if patient.get("deceasedBoolean") is False:
            break
        if (dated := _dated(patient.get("deceasedDateTime"), now)) is not None:
            return dated
        if _is_dead(patient, now) and (known_since is None or version.arrived < known_since):
            known_since = version.arrived
    else:
        return _undated(known_since)
    return _undated(known_since) or False


def _undated(known_since: datetime | None) -> Death | None:
    if known_since is None:
        return None
    day = datetime(known_since.year, known_since.month, known_since.day, tzinfo=UTC)
    return Death(day, day=True, is_dated=False)


def _dated(text: object, now: datetime) -> Death | None:
    read = time_of({"at": text}, ("at",))
    if read is None and isinstance(text, str) and text[10:11] == "T":
        read = time_of({"at": text[:10]}, ("at",))  # a time without an offset: its day is known all the same
    return Death(read[0], read[1], is_dated=True) if read is not None and read[0] <= now else None


def _is_dead(patient: object, now: datetime) -> bool:
    """Whether a Patient is dead without a day: `deceasedBoolean`, or a year or a month that has begun."""
    if not isinstance(patient, dict):
        return False
    begun = partial_date(patient.get("deceasedDateTime"))
    return patient.get("deceasedBoolean") is True or (begun is not None and begun <= now)
