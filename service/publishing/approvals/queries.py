"""Approval status, and disclosures to a patient. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.catalogue import Grants
from journeys.permission import ConsentText
from journeys.review.approval import ApprovalEntry
from service.effects.store.disclosures import disclosures_to_patient
from service.publishing.approvals.policy import ApprovalStatus
from service.publishing.approvals.record import JourneyApprovals, ReleaseStatus
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class DisclosedVersion:
    """The first time that a patient was given a version of a piece, and the signatures under it at that instant.

    `number` is the version of the piece; None where the store no longer has it.
    """

    enrollment: str
    journey: str
    piece: str
    number: int | None
    version: str
    locale: str
    channel: str
    first_at: datetime
    signatures: tuple[ApprovalEntry, ...]


def list_statuses(
    service: Service, journey: str, *, now: datetime | None = None, history: bool = False
) -> list[ApprovalStatus]:
    """Return the approval status of everything that can be signed; with `history` of every earlier version too.

    Raises:
        NotFound: the journey was never published.
    """
    with service.database.reading() as connection:
        approvals_of_journey = JourneyApprovals(service, connection, journey, now or service.clock())
        earlier = approvals_of_journey.earlier_statuses() if history else []
        return [*approvals_of_journey.current_statuses(), *earlier]


def list_release_statuses(service: Service, journey: str, *, now: datetime | None = None) -> list[ReleaseStatus]:
    """Return the status of every release of a journey, the newest first.

    Raises:
        NotFound: the journey was never published.
    """
    with service.database.reading() as connection:
        return JourneyApprovals(service, connection, journey, now or service.clock()).release_statuses()


def list_disclosures(service: Service, patient_ref: str, *, before: datetime) -> list[DisclosedVersion]:
    """Return every version of a piece that a patient was given before an instant, the last first."""
    disclosures: list[DisclosedVersion] = []
    by_journey: dict[str, JourneyApprovals] = {}
    with service.database.reading() as connection:
        for enrollment, journey, shown in disclosures_to_patient(connection, patient_ref, before):
            if journey not in by_journey:
                by_journey[journey] = JourneyApprovals(service, connection, journey, shown.first_at)
            number, signatures = by_journey[journey].approval_at(
                shown.piece, shown.version, shown.locale, shown.first_at
            )
            disclosures.append(
                DisclosedVersion(
                    enrollment,
                    journey,
                    shown.piece,
                    number,
                    shown.version,
                    shown.locale,
                    shown.channel,
                    shown.first_at,
                    signatures,
                )
            )
    return disclosures


@dataclass(frozen=True, slots=True)
class NamedText:
    """The name of a text: its journey, its key, the number of its version, and its language."""

    journey: str
    key: str
    number: int
    locale: str


def find_approved_consent(
    service: Service, connection: Connection, named: NamedText, instant: datetime
) -> tuple[ConsentText, Grants] | None:
    """Return a consent text that patients could be shown at an instant, and what it grants; or None.

    Raises:
        NotFound: the journey was never published.
    """
    approvals_of_journey = JourneyApprovals(service, connection, named.journey, instant)
    return approvals_of_journey.approved_consent(named.key, named.number, named.locale, instant)
