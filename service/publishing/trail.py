"""The audit trail of approvals: read, and checked by its seals. It needs no content."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.review.approval import ApprovalEntry
from service.platform.process import Process
from service.publishing.store import approvals


@dataclass(frozen=True, slots=True)
class TamperedStep:
    """A position at which the record of a journey was changed after it was written."""

    journey: str
    sequence: int


def read_trail(process: Process, journey: str | None = None) -> list[ApprovalEntry]:
    """Return the audit trail of a journey, or of all journeys: every step, and every refusal."""
    with process.database.reading() as connection:
        journeys = approvals.journeys_recorded(connection) if journey is None else [journey]
        return [step for recorded in journeys for step in approvals.list_steps(connection, recorded)]


def verify_trails(process: Process, key: bytes) -> list[TamperedStep]:
    """Return every step that was changed after it was written, by the key of the seals.

    Steps that were cut off at the end of a record can be detected only by its last seal.
    """
    with process.database.reading() as connection:
        return [
            TamperedStep(journey, sequence)
            for journey in approvals.journeys_recorded(connection)
            for sequence in approvals.broken(approvals.list_steps(connection, journey), key)
        ]
