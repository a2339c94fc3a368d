"""Reads the death of a patient from the versions of the Patient resource. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from journeys.interop.fhir.record import ResourceVersion
from journeys.interop.fhir.resources import partial_date, time_of
from journeys.primitives.canonical import EARLIEST

_YEAR = re.compile(r"(?<![0-9])(19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Death:
    """When a patient died (`at`, and whether only the day); without `is_dated` it is the day on which it was known."""

    at: datetime
    day: bool
    is_dated: bool


def death_of(versions: Iterable[ResourceVersion], now: datetime, today: date) -> Death | bool | None:
    """The death that the versions of a Patient (the newest first) say; False where the newest denies it; else None.

    A version that says nothing changes nothing, and one without the day does not replace a day that an older one says.
    A date before 1900 counts as missing, and one in the future has not happened; `today` has begun where the patient
    lives.
    """
    known_since: datetime | None = None
    for version in versions:
        patient = version.excerpt or {}
        if patient.get("deceasedBoolean") is False:
            break
        if (dated := _dated(patient.get("deceasedDateTime"), now, today)) is not None:
            return dated
        if _is_dead(patient, today) and (known_since is None or version.arrived < known_since):
            known_since = version.arrived
    else:
        return _undated(known_since)
    return _undated(known_since) or False


def _undated(known_since: datetime | None) -> Death | None:
    if known_since is None:
        return None
    day = datetime(known_since.year, known_since.month, known_since.day, tzinfo=UTC)
    return Death(day, day=True, is_dated=False)


def _dated(text: object, now: datetime, today: date) -> Death | None:
    read = time_of({"at": text}, ("at",))
    if read is None and isinstance(text, str) and text[10:11] == "T":
        read = time_of({"at": text[:10]}, ("at",))  # a time without an offset: its day is known all the same
    if read is None:
        return None
    at, day = read
    has_happened = at <= now or (day and at.date() <= today)
    return Death(at, day, is_dated=True) if has_happened else None


def _is_dead(patient: object, today: date) -> bool:
    """Whether a Patient is dead without a day: `deceasedBoolean`, or a date without a readable day that has begun."""
    if not isinstance(patient, dict):
        return False
    return patient.get("deceasedBoolean") is True or _has_begun(patient.get("deceasedDateTime"), today)


def _has_begun(text: object, today: date) -> bool:
    """Whether a year, a month, or the year in a text that is not a date (`2026-06-31`, `20260720`) has begun."""
    begun = partial_date(text)
    if begun is not None:
        return begun.date() <= today
    if not isinstance(text, str) or time_of({"at": text[:10]}, ("at",)) is not None:
        return False  # a day that can be read has not happened yet
    year = _YEAR.search(text)
    return year is not None and EARLIEST.year < int(year[0]) <= today.year
