"""Reading a patient's record at a FHIR server where the patient signed in (SMART App Launch 2.2, standalone launch).

What it brings goes through the door of FHIR bundles, as a record that staff report: it is held until the patient has
been told, and is never the patient's own word. It renders no page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from journeys.interop.fhir import FhirMapping
from service.access.provider import read_json
from service.interop.fhir import ingest_bundle, load_mapping
from service.persons.store import StoredPerson, load_person
from service.platform.clock import monotonic
from service.platform.logs import log, where
from service.publishing.service import Service
from service.sign_in.providers import PatientProvider

#: The most pages that are read of one record, the largest page in bytes, and the seconds that reading may take.
MOST_PAGES, LARGEST_PAGE, SECONDS = 50, 4_000_000, 20.0
PAGE = 200
#: An id of FHIR (R4, 2.24.0.1); a reference of another form cannot name the Patient of a bundle.
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def bring_record(service: Service, provider: PatientProvider, person: str, patient: str, token: str) -> str:
    """Reads the record of a patient, and reports what the mapping makes of it.

    Args:
        service: the process.
        provider: where the patient signed in; nothing is read where it has no FHIR server.
        person: the id of the patient's person.
        patient: the id of the patient at the server, as it said with the access token.
        token: the access token.

    Returns:
        `record` where it was read, `no-record` where something failed, else an empty text.
    """
    if not provider.fhir:
        return ""
    try:
        with service.database.reading() as connection:
            stored = load_person(connection, person)
        if stored is None or not _ID.fullmatch(patient) or not _ID.fullmatch(stored.reference):
            raise ValueError("no id of a patient")
        mapping = _mapping(service, provider)
        bundle = json.dumps(_bundle(provider, mapping, stored, patient, token)).encode()
        zone = stored.time_zone or "UTC"
        ingest_bundle(service, mapping, bundle, file=provider.key, patient_ref=stored.reference, time_zone=zone)
    except Exception as error:
        log().warning("record not read", provider=provider.key, **where(error))
        return "no-record"
    log().info("record read", provider=provider.key)
    return "record"


def _mapping(service: Service, provider: PatientProvider) -> FhirMapping:
    mapping, _ = load_mapping(service, provider.journey, Path(provider.mapping).read_bytes(), provider.mapping)
    if mapping is None:
        raise ValueError("the mapping has problems")
    return mapping


def _bundle(
    provider: PatientProvider, mapping: FhirMapping, person: StoredPerson, patient: str, token: str
) -> dict[str, Any]:
    """The record as a bundle about the patient of this service."""
    base, until = provider.fhir.rstrip("/"), monotonic() + SECONDS
    resources = [read_json(f"{base}/Patient/{patient}", token, largest=LARGEST_PAGE)]
    if resources[0].get("resourceType") != "Patient" or resources[0].get("id") != patient:
        raise ValueError("another patient")
    for kind in sorted({rule.resource for rule in mapping.rules}):
        address = f"{base}/{kind}?{urlencode({'patient': patient, '_count': PAGE})}"
        resources += (each for each in _pages(base, address, token, until) if each.get("resourceType") == kind)
    names = {f"Patient/{patient}": person.reference, f"{base}/Patient/{patient}": person.reference}
    renamed = [_renamed(resource, names) for resource in resources]
    renamed[0]["id"] = person.reference
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in renamed]}


def _pages(base: str, address: str, token: str, until: float) -> Iterator[dict[str, Any]]:
    """The resources of a search, page after page, all of this server."""
    following: str | None = address
    for _ in range(MOST_PAGES):
        if following is None:
            return
        if monotonic() > until or not following.startswith((f"{base}/", f"{base}?")):
            raise ValueError("too long, or another server")
        page = read_json(following, token, largest=LARGEST_PAGE)
        if page.get("resourceType") != "Bundle":
            raise ValueError("not a bundle")
        yield from (entry["resource"] for entry in page.get("entry", []) if isinstance(entry.get("resource"), dict))
        following = next((link["url"] for link in page.get("link", []) if link.get("relation") == "next"), None)
    if following is not None:
        raise ValueError("too many pages")


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """A JSON value in which the references to the patient name the patient of this service."""
    if isinstance(value, dict):
        return {
            key: f"Patient/{names[inner]}" if key == "reference" and inner in names else _renamed(inner, names)
            for key, inner in value.items()
        }
    return [_renamed(inner, names) for inner in value] if isinstance(value, list) else value
