"""The receipt of an entry as a FHIR Consent: what another program must be able to read from it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeys.permission import ConsentText, PermissionEntry
from journeys.permission.receipts import fhir_consent

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
GRANT = PermissionEntry(
    id="e1",
    kind="grant",
    by="patient",
    method="app",
    occurred_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    purpose="treatment",
    channel="email",
    text=ConsentText("may-we-write", "2", DIGEST, "es"),
    until=datetime(2027, 3, 1, tzinfo=UTC),
)
REVOCATION = PermissionEntry(id="e2", kind="revoke", by="patient", method="link", occurred_at=GRANT.occurred_at)


@pytest.mark.parametrize(("entry", "decision", "rule"), [(GRANT, "permit", "OPTIN"), (REVOCATION, "deny", "OPTOUT")])
def test_a_program_that_honors_active_consents_obeys_both_kinds(entry, decision, rule):
    consent = fhir_consent(entry, "p1")
    assert consent["status"] == "active"
    assert consent["provision"]["type"] == decision
    assert [coding["code"] for coding in consent["policyRule"]["coding"]] == [rule]


@pytest.mark.parametrize(
    ("entry", "purpose", "scope"),
    [
        (GRANT, "treatment", "channel: email; topic: everything"),
        (replace(GRANT, purpose="share:lab", topic="scan"), "share:lab", "channel: email; topic: scan"),
        (REVOCATION, "everything", "channel: everything; topic: everything"),
    ],
)
def test_a_consent_says_what_it_covers_and_for_how_long(entry, purpose, scope):
    provision = fhir_consent(entry, "p1")["provision"]
    assert provision["purpose"] == [{"system": "urn:journeys:purpose", "code": purpose}]
    assert provision["code"] == [{"text": scope}]
    period = {"start": "2026-03-01T09:00:00Z"} | ({"end": "2027-03-01T00:00:00Z"} if entry.until else {})
    assert provision["period"] == period


def test_a_consent_names_the_text_by_its_version_language_and_digest():
    attachment = fhir_consent(GRANT, "p1")["sourceAttachment"]
    assert attachment["title"] == f"may-we-write, version 2, SHA-256 {DIGEST}"
    assert (attachment["language"], attachment["contentType"]) == ("es", "text/html")
    assert "hash" not in attachment, "that of R4 is a SHA-1"
    assert "sourceAttachment" not in fhir_consent(REVOCATION, "p1")
