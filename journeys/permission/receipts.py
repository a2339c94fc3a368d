"""A receipt of an entry of the ledger as a FHIR R4 Consent (hl7.org/fhir/R4/consent.html)."""

from __future__ import annotations

from typing import Any

from journeys.permission.entries import PermissionEntry
from journeys.primitives.canonical import time_text

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_SCOPE = {"coding": [{"system": f"{_TERMINOLOGY}consentscope", "code": "patient-privacy"}]}
_CATEGORY = {"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Patient Consent"}]}
_PURPOSES = "urn:journeys:purpose"
#: The code system of the purposes: those of `PURPOSES`, `share:<recipient>` and `everything`.
_EVERYTHING = "everything"


def fhir_consent(entry: PermissionEntry, person: str) -> dict[str, Any]:
    """The receipt of an entry as a Consent. A revocation is active too: programs honor only active Consents.

    The digest of the text is in the title of the attachment, as `Attachment.hash` is a SHA-1.

    Args:
        entry: the entry of the ledger.
        person: the id of the person, by which the Consent names the patient.
    """
    is_grant = entry.kind == "grant"
    period = {"start": time_text(entry.occurred_at)}
    if entry.until is not None:
        period["end"] = time_text(entry.until)
    consent: dict[str, Any] = {
        "resourceType": "Consent",
        "id": entry.id,
        "status": "active",
        "scope": _SCOPE,
        "category": [_CATEGORY],
        "patient": {"identifier": {"value": person}},
        "dateTime": time_text(entry.occurred_at),
        "policyRule": {"coding": [{"system": f"{_TERMINOLOGY}v3-ActCode", "code": "OPTIN" if is_grant else "OPTOUT"}]},
        "provision": {
            "type": "permit" if is_grant else "deny",
            "period": period,
            "purpose": [{"system": _PURPOSES, "code": entry.purpose or _EVERYTHING}],
            "code": [{"text": f"channel: {entry.channel or _EVERYTHING}; topic: {entry.topic or _EVERYTHING}"}],
        },
    }
    if entry.text is not None:
        text = entry.text
        consent["sourceAttachment"] = {
            "title": f"{text.key}, version {text.version}, SHA-256 {text.digest}",
            "language": text.locale,
            "contentType": "text/html",
        }
    return consent
