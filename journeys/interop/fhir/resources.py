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
from urllib.parse import unquote

from journeys.primitives.canonical import EARLIEST, parse_time

Resource = Mapping[str, Any]
When = Literal["start", "end", "recorded"]
WHENS: tuple[When, ...] = ("start", "end", "recorded")

LONGEST_TEXT = 500
#: Longer texts are neither codes nor references nor dates.
ENTERED_IN_ERROR = "entered-in-error"
URN = "urn:uuid:"

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T.*)?)?)?")
#: A date of any precision, also a time without an offset, as some record systems write their placeholders.
_IDENTITY = ("id", "meta", "text", "identifier")
#: The elements of a resource that do not describe the event.
_FIRST_PLACEHOLDER, _LAST_PLACEHOLDER = "1900-01-01", "9999"
#: Record systems write days up to the first, or of the last year, for a date that nobody knows or that is still open.
_EPOCH = ("1969-12-31", "1970-01-01")
#: The day on which the clock of a computer begins, in all time zones: nothing was recorded then.
_CONDITIONAL = re.compile(r"(?:.*/)?([A-Za-z]*)\?identifier=([^&|]+)(?:\||%7[Cc])([^&|]+)")


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
    """The id of a resource, or that of its address in the bundle (`urn:uuid:…`, `https://…/Type/id`), or None.

    An id that FHIR does not accept (`a_b`, more than 64 characters) is as stable as any other: its digest names it.
    """
    own = resource.get("id")
    if isinstance(own, str) and own:
        return readable_id(own)
    if own is not None or not isinstance(full_url, str):
        return None
    if full_url.startswith(URN):
        name = full_url.removeprefix(URN)
    else:
        address, _, name = full_url.partition("/_history/")[0].rpartition("/")
        if not f"/{address}".endswith(f"/{type_of(resource)}"):
            return None
    return name if _ID.fullmatch(name) else None


def readable_id(id: str) -> str:
    """An id that FHIR accepts, or the marked digest of any other text (no id begins with the mark)."""
    return id if _ID.fullmatch(id) else "~" + _digest(id)


def identifiers(resource: Resource) -> frozenset[str]:
    """The digests of the business identifiers (system and value) of a resource."""
    value = resource.get("identifier")
    items = value if isinstance(value, list) else [value]
    pairs = [(item.get("system"), item.get("value")) for item in items if isinstance(item, dict)]
    return frozenset(_digest(pair) for pair in pairs if all(isinstance(part, str) and part for part in pair))


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


def is_modified(resource: Resource) -> bool:
    """Whether an element reverses or changes what the resource says: `doNotPerform`, `modifierExtension`.

    Source: https://hl7.org/fhir/R4/conformance-rules.html#isModifier (a reader must not pass such an element over).
    """
    return resource.get("doNotPerform") is True or bool(_list(resource.get("modifierExtension")))


def is_incomplete(resource: Resource) -> bool:
    """Whether a server left elements out of the resource (`meta.tag` SUBSETTED)."""
    meta = resource.get("meta")
    tags = _list(meta.get("tag")) if isinstance(meta, dict) else []
    return any(isinstance(tag, dict) and tag.get("code") == "SUBSETTED" for tag in tags)


def references(resource: Resource, *names: str) -> Iterator[str]:
    """The references in some elements, as `reference_of` returns them; each element is one Reference or a list."""
    for name in names:
        value = resource.get(name)
        for item in value if isinstance(value, list) else [value]:
            if (reference := reference_of(item)) is not None:
                yield reference


def reference_of(item: Any) -> str | None:
    """The text of a Reference, or None; of one to an identifier `Type?` (or `?`) and the digest of the identifier."""
    if not isinstance(item, dict):
        return None
    reference, kind = item.get("reference"), item.get("type")
    if isinstance(reference, str):
        match = _CONDITIONAL.fullmatch(reference) if len(reference) <= LONGEST_TEXT else None
        return f"{match[1]}?{_digest([unquote(match[2]), unquote(match[3])])}" if match is not None else reference
    for key in identifiers(item):
        return f"{kind if isinstance(kind, str) and _ID.fullmatch(kind) else ''}?{key}"
    return None


def time_of(resource: Resource, paths: tuple[str, ...]) -> tuple[datetime, bool] | None:
    """The first time under some paths, and whether it is a day; None without a day or an instant.

    A year or a month alone is too coarse for the time of an event, so it counts as missing. A placeholder (1753-01-01,
    1900-01-01, 9999-12-31) is passed over: the next path counts.
    """
    return _time(_first(resource, paths))


def day_of(resource: Resource, paths: tuple[str, ...]) -> str | None:
    """The day of the first time under some paths, as it is written there, in the time's own offset."""
    value = _first(resource, paths)
    return str(value)[:10] if _time(value) is not None else None


def recorded_of(resource: Resource) -> datetime | None:
    """The instant at which a resource says that it was recorded (`recordedDate`, `issued` and the like), or None."""
    form = FORMS.get(type_of(resource))
    return _recorded(resource, form.dates.get("recorded", ())) if form is not None else None


def partial_date(text: Any) -> datetime | None:
    """The first instant of a year (`2026`) or a month (`2026-07`); None for any other value."""
    if not isinstance(text, str) or not _PARTIAL.fullmatch(text):
        return None
    first = time_of({"first": f"{text}-01-01"[:10]}, ("first",))
    return first[0] if first is not None else None


def any_time_of(resource: Resource) -> datetime | None:
    """The date of a resource of any type."""
    date = time_of(resource, _ANY_DATE)
    return date[0] if date is not None else None


def fingerprint(resource: Resource) -> str:
    """A text that is equal for resources with equal content; it ignores id, meta and narrative."""
    return _digest({key: value for key, value in resource.items() if key not in _IDENTITY})


def version_of(resource: Resource) -> tuple[datetime | None, int]:
    """The sort key of the versions of one resource: its last update, and its version number (-1: not given)."""
    meta = resource.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    return _recorded(meta, ("lastUpdated",)), _version_number(meta.get("versionId"))


def version_of_response(response: Any) -> tuple[datetime | None, int]:
    """The sort key of a version by what the server of a history answered: `lastModified` and `etag` (`W/"3"`)."""
    if not isinstance(response, dict):
        return None, -1
    etag = response.get("etag")
    number = _ETAG.fullmatch(etag) if isinstance(etag, str) else None
    return _recorded(response, ("lastModified",)), _version_number(number[1] if number is not None else None)


def _first(resource: Resource, paths: tuple[str, ...]) -> Any:
    for path in paths:
        value: Any = resource
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None and not _is_placeholder(value):
            return value
    return None


def _is_placeholder(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    return value[:10] <= _FIRST_PLACEHOLDER or value >= _LAST_PLACEHOLDER


def _recorded(resource: Resource, paths: tuple[str, ...]) -> datetime | None:
    recorded = time_of(resource, paths)
    return recorded[0] if recorded is not None and day_of(resource, paths) not in _EPOCH else None


def _version_number(text: Any) -> int:
    return int(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else -1


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:20]


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
