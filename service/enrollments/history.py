"""Lines of history for their readers: every line for staff, the lines of the told view for others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeys.content.screen import title_of, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.engine import Event, Move, Result
from service.enrollments.store.log import HistoryLine
from service.enrollments.trace import Trace


@dataclass(frozen=True, slots=True)
class TitledMove:
    """A transition, with the title of the state in which it ends in the reader's locale."""

    track: str
    start: str | None
    end: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One line of a history for its reader; `at` is a day or a time, as text.

    `revision`, `item` and `data` are for staff, the parts below them for others. None: the line does not have the part.
    """

    kind: str
    at: str
    revision: int | None = None
    item: str | None = None
    data: Mapping[str, Any] | None = None
    event: str | None = None
    type: str | None = None
    title: str | None = None
    outcome: str | None = None
    transitions: Sequence[TitledMove] | None = None


def line_for_staff(line: HistoryLine) -> HistoryEntry:
    """A line as it is stored."""
    return HistoryEntry(kind=line.kind, at=line.at, revision=line.revision, item=line.item, data=dict(line.data))


def lines_for_patient(trace: Trace, plan: ReleasePlan, locale: str) -> list[HistoryEntry]:
    """The history that a patient may read, in the order of the fold.

    Timers without a transition are left out. Reports of the patient or the family stay, marked, when they were
    retracted.
    """
    lines = [
        (result.at, _happened(result, plan, locale))
        for result in trace.results
        if not result.is_timer or result.transitions
    ]
    lines += [(event.at, _taken_back(event, plan, locale)) for event in trace.taken_back]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _happened(result: Result, plan: ReleasePlan, locale: str) -> HistoryEntry:
    moves = [_titled(move, plan, locale) for move in result.transitions]
    if result.is_timer:
        return HistoryEntry(kind="time", at=result.at_text, transitions=moves)
    return HistoryEntry(
        kind="event",
        at=result.at_text,
        event=result.key,
        type=result.type,
        title=trigger_title(plan, result.type, locale),
        outcome=result.outcome,
        transitions=moves,
    )


def _taken_back(event: Event, plan: ReleasePlan, locale: str) -> HistoryEntry:
    return HistoryEntry(
        kind="taken_back",
        at=event.at_text,
        event=event.uid,
        type=event.type,
        title=trigger_title(plan, event.type, locale),
        transitions=(),
    )


def _titled(move: Move, plan: ReleasePlan, locale: str) -> TitledMove:
    title = title_of(plan, move.track, move.end, locale) if move.end else None
    return TitledMove(move.track, move.start, move.end, title)
