"""Reads single elements of FHIR R4 resources from plain dicts; an element with the wrong shape counts as missing.

Source: https://hl7.org/fhir/R4/ (the element names of each resource type, and the regex of `dateTime` and `id`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from journeys.primitives.canonical import EARLIEST, parse_time

Resource = Mapping[str, Any]
When = Literal["start", "end", "recorded"]
WHENS: tuple[When, ...] = ("start", "end", "recorded")

ENTERED_IN_ERROR = "entered-in-error"
URN = "urn:uuid:"

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?")
_IDENTITY = ("id", "meta", "text", "identifier")
#: The elements of a resource that do not describe the event.


@dataclass(frozen=True, slots=True)
class Form:
    """The elements in which a resource type keeps its codes and its dates; the first date present counts."""

    codes: tuple[str, ...] = ("code",)
    dates: Mapping[When, tuple[str, ...]] = field(default_factory=dict)


_MEDICATION = ("medicationCodeableConcept", "medicationReference")
_EFFECTIVE: dict[When, tuple[str, ...]] = {
    "start": ("effectiveDateTime", "effectivePeriod.start", "effectiveInstant"),
    "end": ("effectivePeriod.end",),
}
_PERIOD: dict[When, tuple[str, ...]] = {"start": ("period.start",), "end": ("period.end",)}

FORMS: Mapping[str, Form] = {
    "CarePlan": Form(("category",), {**_PERIOD, "recorded": ("created",)}),
    "Condition": Form(
        dates={
            "start": ("onsetDateTime", "onsetPeriod.start"),
            "end": ("abatementDateTime", "abatementPeriod.end"),
            "recorded": ("recordedDate",),
        }
    ),
    "DiagnosticReport": Form(dates={**_EFFECTIVE, "recorded": ("issued",)}),
    "Encounter": Form(("type",), _PERIOD),
    "EpisodeOfCare": Form(("type",), _PERIOD),
    "MedicationAdministration": Form(_MEDICATION, _EFFECTIVE),
    "MedicationRequest": Form(_MEDICATION, {"start": ("authoredOn",), "recorded": ("authoredOn",)}),
    "MedicationStatement": Form(_MEDICATION, {**_EFFECTIVE, "recorded": ("dateAsserted",)}),
    "Observation": Form(dates={**_EFFECTIVE, "recorded": ("issued",)}),
    "Procedure": Form(dates={"start": ("performedDateTime", "performedPeriod.start"), "end": ("performedPeriod.end",)}),
    "ServiceRequest": Form(
        dates={
            "start": ("occurrenceDateTime", "occurrencePeriod.start"),
            "end": ("occurrencePeriod.end",),
            "recorded": ("authoredOn",),
        }
    ),
}

_ANY_DATE = (
    *dict.fromkeys(path for when in WHENS for form in FORMS.values() for path in form.dates.get(when, ())),
    "date",
)


def type_of(resource: Resource) -> str:
    """The resource type, or an empty text."""
    kind = resource.get("resourceType")
    return kind if isinstance(kind, str) and _ID.fullmatch(kind) else ""


def id_of(resource: Resource, full_url: Any = None) -> str | None:
    """The id of a resource, or the UUID of its `urn:uuid` in the bundle; None where it has neither.

    An id that FHIR does not accept (`a_b`, more than 64 characters) is as stable as any other: its digest names it.
    """
    own = resource.get("id")
    if isinstance(own, str) and own:
        return readable_id(own)
    if own is None and isinstance(full_url, str) and full_url.startswith(URN):
        name = full_url.removeprefix(URN)
        return name if _ID.fullmatch(name) else None
    return None


def readable_id(id: str) -> str:
    """An id that FHIR accepts, or the marked digest of any other text (no id begins with the mark)."""
    return id if _ID.fullmatch(id) else "~" + hashlib.sha256(json.dumps(id).encode()).hexdigest()[:20]


def identifiers(resource: Resource) -> frozenset[str]:
    """The digests of the business identifiers (system and value) of a resource."""
    value = resource.get("identifier")
    pairs = [(item.get("system"), item.get("value")) for item in _list(value) if isinstance(item, dict)]
    texts = [pair for pair in pairs if all(isinstance(part, str) and part for part in pair)]
    return frozenset(hashlib.sha256(json.dumps(pair).encode()).hexdigest()[:20] for pair in texts)


def codings(concept: Any) -> Iterator[tuple[str, str]]:
    """The (system, code) pairs of a CodeableConcept, or of a list of them."""
    for item in concept if isinstance(concept, list) else [concept]:
        for coding in _list(item.get("coding")) if isinstance(item, dict) else ():
            if isinstance(coding, dict):
                system, code = coding.get("system"), coding.get("code")
                if isinstance(system, str) and isinstance(code, str):
                    yield system, code


def codes_of(resource: Resource, name: str) -> set[str]:
    """The codes of an element: a plain code, or all codes of a CodeableConcept in any system."""
    value = resource.get(name)
    if isinstance(value, str):
        return {value}
    if not isinstance(value, dict):
        return set()
    codes = [coding.get("code") for coding in _list(value.get("coding")) if isinstance(coding, dict)]
    return {code for code in codes if isinstance(code, str)}


def is_entered_in_error(resource: Resource) -> bool:
    """Whether the resource is marked as entered in error."""
    return any(ENTERED_IN_ERROR in codes_of(resource, name) for name in ("status", "verificationStatus"))


def is_incomplete(resource: Resource) -> bool:
    """Whether a server left elements out of the resource (`meta.tag` SUBSETTED)."""
    meta = resource.get("meta")
    tags = _list(meta.get("tag")) if isinstance(meta, dict) else []
    return any(isinstance(tag, dict) and tag.get("code") == "SUBSETTED" for tag in tags)


def references(resource: Resource, *names: str) -> Iterator[str]:
    """The references in some elements; each element is one Reference or a list."""
    for name in names:
        value = resource.get(name)
        for item in value if isinstance(value, list) else [value]:
            reference = item.get("reference") if isinstance(item, dict) else None
            if isinstance(reference, str):
                yield reference


def time_of(resource: Resource, paths: tuple[str, ...]) -> tuple[datetime, bool] | None:
    """The first time under some paths, and whether it is a day; None without a day or an instant.

    A year or a month alone is too coarse for the time of an event, so it counts as missing; so does a date before
    1900: record systems write 1753-01-01 or 0001-01-01 for a date that nobody knows.
    """
    return _time(_first(resource, paths))


def day_of(resource: Resource, paths: tuple[str, ...]) -> str | None:
    """The day of the first time under some paths, as it is written there, in the time's own offset."""
    value = _first(resource, paths)
    return str(value)[:10] if _time(value) is not None else None


def recorded_of(resource: Resource) -> datetime | None:
    """The instant at which a resource says that it was recorded (`recordedDate`, `issued` and the like), or None."""
    form = FORMS.get(type_of(resource))
    recorded = time_of(resource, form.dates.get("recorded", ())) if form is not None else None
    return recorded[0] if recorded is not None else None


def partial_date(text: Any) -> datetime | None:
    """The first instant of a year (`2026`) or a month (`2026-07`); None for any other value."""
    if not isinstance(text, str) or not _PARTIAL.fullmatch(text):
        return None
    first = _time(f"{text}-01-01"[:10])
    return first[0] if first is not None else None


def any_time_of(resource: Resource) -> datetime | None:
    """The date of a resource of any type."""
    date = time_of(resource, _ANY_DATE)
    return date[0] if date is not None else None


def fingerprint(resource: Resource) -> str:
    """A text that is equal for resources with equal content; it ignores id, meta and narrative."""
    content = {key: value for key, value in resource.items() if key not in _IDENTITY}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def version_of(resource: Resource) -> tuple[datetime | None, int]:
    """The sort key of the versions of one resource: its last update, and its version number (-1: not given)."""
    meta = resource.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    updated = time_of(meta, ("lastUpdated",))
    number = meta.get("versionId")
    is_number = isinstance(number, str) and re.fullmatch(r"[0-9]{1,9}", number)
    return updated[0] if updated else None, int(str(number)) if is_number else -1


def _first(resource: Resource, paths: tuple[str, ...]) -> Any:
    for path in paths:
        value: Any = resource
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            return value
    return None


def _time(value: Any) -> tuple[datetime, bool] | None:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        at, day = parse_time(value)
    except ValueError:
        return None
    return (at, day) if at >= EARLIEST else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
