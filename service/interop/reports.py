"""What ingesting a bundle came to: counts of its entries, and the states that its patient passed. It stores nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from journeys.engine import Result, State
from journeys.engine.results import OUTCOMES
from journeys.interop.fhir import Bundle, EntryCounts, EntryVerdict, Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """The result of ingesting one bundle.

    `enrollment` is None while nothing enrolls the patient. `read` is the sum of `mapped`, `unmapped` and `duplicates`,
    in entries; `after_end` counts the entries dated after the end. `outcomes` counts the current outcomes of the
    bundle's events; `passed` has each entered state and the end, in order, with its time; `state` is the current state
    by track. `verdicts` say of each entry what became of it; `changes` counts events
    that were new, replaced and retracted. Without `has_patient` the Patient has not arrived, and nobody joins.
    """

    file: str
    enrollment: str | None
    read: int
    mapped: int
    unmapped: int
    duplicates: int
    after_end: int = 0
    outcomes: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    passed: Sequence[tuple[str, str]] = ()
    state: Mapping[str, str] = field(default_factory=dict)
    verdicts: Sequence[EntryVerdict] = ()
    has_patient: bool = True
    changes: Mapping[str, int] = field(default_factory=lambda: {"new": 0, "replaced": 0, "retracted": 0})

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, in the order of the printed line."""
        return {
            "file": self.file,
            "enrollment": self.enrollment,
            "read": self.read,
            "mapped": self.mapped,
            "unmapped": self.unmapped,
            "duplicates": self.duplicates,
            "after_end": self.after_end,
            "outcomes": dict(self.outcomes),
            "passed": [{"state": state, "at": at} for state, at in self.passed],
            "state": dict(self.state),
        }

    def explanation(self) -> list[dict[str, str]]:
        """Plain JSON values: of each entry what became of it, by code and reason."""
        return [{"resource": verdict.name, "code": verdict.code, "reason": verdict.reason} for verdict in self.verdicts]


def counted_report(file: str, enrollment: str | None, counts: EntryCounts, *, has_patient: bool) -> IngestReport:
    """The report of a bundle with what became of its entries."""
    return IngestReport(
        file=file,
        enrollment=enrollment,
        read=counts.read,
        mapped=counts.mapped,
        unmapped=counts.unmapped,
        duplicates=counts.duplicates,
        verdicts=counts.verdicts,
        has_patient=has_patient,
    )


def with_fold(
    report: IngestReport,
    bundle: Bundle,
    dates: Sequence[datetime],
    agreed: Mapping[str, Planned],
    fold: tuple[State | None, Sequence[Result]],
) -> IngestReport:
    """A report with what the log folds to.

    Args:
        report: the counted report.
        bundle: the bundle, whose events are counted by outcome.
        dates: the dates of the entries, in order.
        agreed: the events that are both in the log and in the record, by uid.
        fold: the state, and the result of every event.
    """
    state, results = fold
    names = {entry.name for entry in bundle.entries}
    uids = {uid for uid, planned in agreed.items() if names.intersection(planned.sources)}
    outcomes = Counter(result.outcome for result in results if result.key in uids)
    return replace(
        report,
        after_end=_after_end(dates, results, state),
        outcomes={outcome: outcomes[outcome] for outcome in OUTCOMES},
        passed=_passed(results),
        state={track: stays[-1].state for track, stays in state.tracks.items() if stays} if state else {},
    )


def _after_end(dates: Sequence[datetime], results: Sequence[Result], state: State | None) -> int:
    if state is None or state.ended is None:
        return 0
    end = next(result.at for result in results if result.key == state.ended.event)
    return len(dates) - bisect_right(dates, end)


def _passed(results: Sequence[Result]) -> list[tuple[str, str]]:
    passed: list[tuple[str, str]] = []
    ends: set[tuple[str, str]] = set()
    for result in results:
        for move in result.transitions:
            if move.end is not None:
                passed.append((f"{move.track}.{move.end}", result.at_text))
            elif (end := (move.trigger, result.at_text)) not in ends:  # once for all tracks
                ends.add(end)
                passed.append(end)
    return passed
