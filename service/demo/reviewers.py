"""Three made-up reviewers and a publisher who sign published content, for demonstrations, tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from service.publishing import approvals
from service.publishing.approvals import Signer
from service.publishing.publish import Publishing, publish_from_files
from service.publishing.service import Service

MEANING = "Approved for patients (synthetic)"


def reviewers(locales: frozenset[str]) -> tuple[Signer, Signer, Signer]:
    """Three reviewers, who together may sign everything in some languages."""
    return (
        Signer("demo-medical", "Dr. Mara Example (synthetic)", frozenset({"medical"}), locales),
        Signer("demo-legal", "Leo Example (synthetic)", frozenset({"legal"}), locales),
        Signer("demo-regulatory", "Rita Example (synthetic)", frozenset({"regulatory"}), locales),
    )


PUBLISHER = Signer("demo-publisher", "Pia Example (synthetic)", may_publish=True)


def publish_signed(service: Service, definitions: Path, content: Path, *, only: Iterable[str] = ()) -> Publishing:
    """Publish from files, and sign the published content."""
    done = publish_from_files(service, definitions, content, only=only)
    sign_everything(service, done)
    return done


def sign_everything(service: Service, done: Publishing) -> None:
    """Sign what waits for signatures after publishing, and activate the releases."""
    for published in done.journeys:
        sign_journey(service, published.journey)


def sign_journey(service: Service, journey: str) -> None:
    """Sign what waits for signatures of a journey, and activate its newest release."""
    now = service.clock()
    statuses = approvals.list_statuses(service, journey, now=now)
    for reviewer in reviewers(frozenset(status.subject.locale for status in statuses)):
        approvals.sign_all(service, reviewer, journey, meaning=MEANING, confirmed=approvals.every_question(), now=now)
    newest = next(status.subject.key for status in statuses if status.subject.kind == "structure")
    approvals.activate(service, PUBLISHER, journey, newest, now=now)
