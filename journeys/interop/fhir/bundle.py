"""Reads a FHIR bundle about one patient from bytes, finds its patient, and resolves its references."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from journeys.interop.fhir.resources import (
    Resource,
    codes_of,
    fingerprint,
    id_of,
    is_entered_in_error,
    type_of,
    version_of,
)
from journeys.primitives.errors import NotABundle

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The newest version of every resource, by `Type/id`; their order does not depend on the order of the entries.

    `read` counts the entries, `older` the repeated entries and older versions, `broken` the entries without a resource.
    Only the id, the death and the language of the Patient are ever read.
    """

    patient_ref: str
    patient: Resource
    resources: Mapping[str, Resource]
    aliases: Mapping[str, str]
    read: int
    older: int
    broken: int

    @property
    def language(self) -> str | None:
        """The language that the patient prefers, as a locale."""
        spoken = self.patient.get("communication")
        preferred = [language for language in spoken if isinstance(language, dict)] if isinstance(spoken, list) else []
        preferred.sort(key=lambda language: language.get("preferred") is not True)
        for language in preferred[:1]:
            codes = sorted(code for code in codes_of(language, "language") if _LANGUAGE.fullmatch(code))
            return codes[0] if codes else None
        return None

    def resolve(self, reference: str, within: Resource | None = None) -> Resource | None:
        """The resource in this bundle for a reference: `urn:uuid:…`, `Type/id`, an address, or `#contained`."""
        if reference.startswith("#") and within is not None:
            contained = within.get("contained")
            inside = (
                [resource for resource in contained if isinstance(resource, dict)]
                if isinstance(contained, list)
                else []
            )
            return next((resource for resource in inside if resource.get("id") == reference[1:]), None)
        name = self.aliases.get(reference)
        return self.resources.get(name if name is not None else _relative(reference))

    def is_about_patient(self, reference: str) -> bool:
        """Whether a reference refers to this bundle's patient."""
        return self.aliases.get(reference, _relative(reference)) == f"Patient/{self.patient_ref}"


def read_bundle(data: bytes) -> dict[str, Any]:
    """The JSON object of a bundle's bytes.

    Raises:
        NotABundle: the file is too large, nested too deep, or not UTF-8, JSON or an object.
    """
    if len(data) > MAX_BYTES:
        raise NotABundle(f"The file has {len(data)} bytes; at most {MAX_BYTES} are accepted.")
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


def open_bundle(bundle: Mapping[str, Any]) -> Bundle:
    """The resources of a bundle about one patient.

    Raises:
        NotABundle: the object is not a Bundle, is nested too deep, or does not have exactly one Patient with an id.
    """
    if bundle.get("resourceType") != "Bundle":
        raise NotABundle("The file is not a JSON object with the resourceType 'Bundle'.")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise NotABundle("The field 'entry' is not a list.")
    if _is_deeper(entries, MAX_DEPTH):
        raise NotABundle(f"The file is nested deeper than {MAX_DEPTH} levels.")
    versions: dict[str, list[Resource]] = {}
    aliases: dict[str, str] = {}
    broken = 0
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = type_of(resource) if isinstance(resource, dict) else ""
        if not isinstance(resource, dict) or not kind:
            broken += 1
            continue
        name = f"{kind}/{_name_of(resource, entry.get('fullUrl'))}"
        versions.setdefault(name, []).append(resource)
        for alias in (entry.get("fullUrl"), f"urn:uuid:{name.partition('/')[2]}"):
            if isinstance(alias, str):
                aliases[alias] = min(name, aliases.get(alias, name))
    resources = {name: max(versions[name], key=_age) for name in sorted(versions)}
    ref = _only_patient([name for name in resources if name.startswith("Patient/")], resources)
    return Bundle(
        patient_ref=ref,
        patient=resources[f"Patient/{ref}"],
        resources=resources,
        aliases=aliases,
        read=len(entries),
        older=sum(map(len, versions.values())) - len(versions),
        broken=broken,
    )


def _only_patient(names: Sequence[str], resources: Mapping[str, Resource]) -> str:
    if not names:
        raise NotABundle("The bundle has no Patient; it must have exactly one.")
    if len(names) > 1:
        raise NotABundle(f"The bundle has {len(names)} Patients; it must have exactly one.")
    ref = names[0].partition("/")[2]
    if ref.startswith("~"):
        raise NotABundle("The Patient needs an id of letters, digits, '-' and '.' (at most 64).")
    return ref


def _name_of(resource: Resource, full_url: Any) -> str:
    """The name of a resource: its id, or else its marked fingerprint (no id begins with the mark)."""
    return id_of(resource, full_url) or "~" + fingerprint(resource)


def _age(resource: Resource) -> tuple[datetime, int, bool, str]:
    """The sort key of a resource's versions; among undated versions, one entered in error counts as the newest."""
    updated, number = version_of(resource)
    return updated or _BEGINNING, number, is_entered_in_error(resource), fingerprint(resource)


def _relative(reference: str) -> str:
    """The `Type/id` of an address that may be absolute and may contain a version."""
    return "/".join(reference.partition("/_history/")[0].rsplit("/", 2)[-2:])


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
