"""Reads a FHIR bundle about one patient from bytes, and names its patient and its resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from journeys.interop.fhir.resources import (
    LONGEST_TEXT,
    URN,
    Resource,
    fingerprint,
    id_of,
    identifiers,
    is_entered_in_error,
    readable_id,
    references,
    type_of,
    version_of,
    version_of_response,
)
from journeys.primitives.errors import NotABundle

MAX_BUNDLE_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_DELETED = re.compile(r"(?:.*/)?([A-Za-z]+)/([^/?#]+)(?:/_history/[^/]+)?")


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One version of a resource in a bundle; `resource` is None where the entry deletes it.

    `name` is `Type/id`; `aliases` are the `urn:uuid` under which the bundle refers to it; `keys` the digests of its
    identifiers. `is_exported`: the bundle names it by a `urn:uuid`, which another export does not repeat.
    """

    name: str
    resource: Resource | None
    updated: datetime | None
    number: int
    aliases: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    is_exported: bool = False

    @property
    def is_dated(self) -> bool:
        """Whether it says which version it is, by a date or a number."""
        return self.updated is not None or self.number >= 0

    @property
    def age(self) -> tuple[datetime, int, bool, str]:
        """The sort key among the versions of one bundle; of undated versions, one entered in error is the newest."""
        resource = self.resource
        is_final = resource is None or is_entered_in_error(resource)
        return self.updated or BEGINNING, self.number, is_final, fingerprint(resource) if resource is not None else ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The entries of a bundle, whose order does not depend on the order in the file.

    `read` counts the entries, `older` the repeated entries and older versions, `broken` the entries without a resource.
    """

    patient_ref: str
    entries: tuple[BundleEntry, ...]
    read: int
    older: int
    broken: int

    @property
    def patient_aliases(self) -> frozenset[str]:
        """The ids of the `urn:uuid` by which the bundle refers to its Patient; none where it has no Patient."""
        patient = f"Patient/{self.patient_ref}"
        aliases = (alias for entry in self.entries if entry.name == patient for alias in entry.aliases)
        return frozenset(alias.removeprefix(URN) for alias in aliases)

    @property
    def newest(self) -> Mapping[str, BundleEntry]:
        """The newest version of every resource by its name."""
        return {entry.name: entry for entry in self.entries}


def read_bundle(data: bytes) -> dict[str, Any]:
    """The JSON object of a bundle's bytes.

    Raises:
        NotABundle: the file is too large, nested too deep, or not UTF-8, JSON or an object.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise NotABundle(f"The file is larger than {MAX_BUNDLE_BYTES} bytes (64 MB).")
    try:
        read = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise NotABundle("The file is not UTF-8 text.") from None
    except RecursionError:
        raise NotABundle(f"The file is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        line = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NotABundle(f"The file is not JSON{line}.") from None
    if not isinstance(read, dict):
        raise NotABundle("The file is not a JSON object with the resourceType 'Bundle'.")
    return read


def open_bundle(bundle: Mapping[str, Any], patient_ref: str | None = None) -> Bundle:
    """The entries of a bundle about one patient.

    Args:
        bundle: plain JSON values.
        patient_ref: the id of the patient of a bundle that names none (such as one of deletions only) or several.

    Raises:
        NotABundle: the object is not a Bundle, is nested too deep, or is not about exactly one patient with an id.
    """
    if bundle.get("resourceType") != "Bundle":
        raise NotABundle("The file is not a JSON object with the resourceType 'Bundle'.")
    sent = bundle.get("entry", [])
    if not isinstance(sent, list):
        raise NotABundle("The field 'entry' is not a list.")
    if _is_deeper(sent, MAX_DEPTH):
        raise NotABundle(f"The file is nested deeper than {MAX_DEPTH} levels.")
    entries = [entry for item in sent if (entry := _entry(item)) is not None]
    ref = _only_patient(entries, patient_ref)
    entries.sort(key=lambda entry: (entry.name, entry.age))
    return Bundle(
        patient_ref=ref,
        entries=tuple(entries),
        read=len(sent),
        older=len(entries) - len({entry.name for entry in entries}),
        broken=len(sent) - len(entries),
    )


def relative_name(reference: str) -> str:
    """The `Type/id` of an address that may be absolute and may contain a version."""
    kind, _, id = "/".join(reference.partition("/_history/")[0].rsplit("/", 2)[-2:]).partition("/")
    return f"{kind}/{readable_id(id)}" if id else kind


def _entry(item: Any) -> BundleEntry | None:
    """The version of a resource that an entry contains or deletes, or None."""
    if not isinstance(item, dict):
        return None
    resource, full_url, request = item.get("resource"), item.get("fullUrl"), item.get("request")
    kind = type_of(resource) if isinstance(resource, dict) else ""
    if isinstance(request, dict) and request.get("method") == "DELETE":
        return _deletion(item, request, f"{kind}/{id_of(resource)}" if isinstance(resource, dict) and kind else None)
    if not isinstance(resource, dict) or not kind:
        return None
    id = id_of(resource, full_url) or "~" + fingerprint(resource)
    updated, number = _version_of(item, resource)
    urns = [full_url] if isinstance(full_url, str) and full_url.startswith(URN) else []
    return BundleEntry(
        name=f"{kind}/{id}",
        resource=resource,
        updated=updated,
        number=number,
        aliases=frozenset(urns),
        keys=identifiers(resource) if kind != "Patient" else frozenset(),  # they say who the patient is
        is_exported=bool(urns) or resource.get("id") is None,
    )


def _version_of(item: Mapping[str, Any], resource: Resource) -> tuple[datetime | None, int]:
    """The sort key of a version by its `meta`; what is missing there by what the server of a history answered."""
    updated, number = version_of(resource)
    answered, answered_number = version_of_response(item.get("response"))
    return updated or answered, number if number >= 0 else answered_number


def _deletion(item: Mapping[str, Any], request: Mapping[str, Any], name: str | None) -> BundleEntry | None:
    """The deletion that an entry of a history or a transaction says, by its address, else of the resource in it."""
    address = request.get("url") or item.get("fullUrl")
    is_short = isinstance(address, str) and len(address) <= LONGEST_TEXT
    match = _DELETED.fullmatch(str(address)) if is_short else None
    deleted_name = f"{match[1]}/{readable_id(match[2])}" if match is not None else name
    if deleted_name is None:
        return None
    updated, number = version_of_response(item.get("response"))
    return BundleEntry(name=deleted_name, resource=None, updated=updated, number=number)


def _only_patient(entries: Sequence[BundleEntry], patient_ref: str | None) -> str:
    """The id of the Patient of a bundle; without one, of the one patient whom its resources are about.

    Where there are several, `patient_ref` says which of them.
    """
    choice = f"Patient/{readable_id(patient_ref)}" if patient_ref is not None else ""
    names = sorted({entry.name for entry in entries if entry.name.startswith("Patient/")})
    if len(names) > 1 and choice not in names:
        raise NotABundle(
            f"The bundle has {len(names)} Patients; it must have one, or '--patient' must name one of them."
        )
    if not names:
        names = sorted({name for entry in entries if entry.resource is not None for name in _subjects(entry.resource)})
        if len(names) > 1 and choice not in names:
            raise NotABundle(
                f"The bundle has no Patient, and its resources refer to {len(names)} patients; they must refer to one, "
                "or '--patient' must name one of them."
            )
    if len(names) > 1 or (not names and choice):
        names = [choice]
    if not names:
        raise NotABundle(
            "The bundle has no Patient, and none of its resources refers to one; name the patient with '--patient'."
        )
    ref = names[0].partition("/")[2]
    if ref.startswith("~"):
        raise NotABundle("The Patient needs an id of letters, digits, '-' and '.' (at most 64).")
    return ref


def _subjects(resource: Resource) -> Iterator[str]:
    for reference in references(resource, "subject", "patient"):
        if reference.startswith(URN):
            yield f"Patient/{readable_id(reference.removeprefix(URN))}"
        elif relative_name(reference).startswith("Patient/"):
            yield relative_name(reference)


def _is_deeper(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for value in layer
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, dict | list) for value in layer)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
