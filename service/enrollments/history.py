"""Lines of history for their readers: every line for staff, the lines of the told view for others. Pure."""

from __future__ import annotations

from typing import Any

from journeys.content.screen import title_of, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.engine import Event, Move, Result
from service.enrollments.store.log import HistoryLine
from service.enrollments.trace import Trace


def line_for_staff(line: HistoryLine) -> dict[str, Any]:
    """A line as it is stored."""
    return {"revision": line.revision, "kind": line.kind, "at": line.at, "item": line.item, "data": dict(line.data)}


def lines_for_patient(trace: Trace, plan: ReleasePlan, locale: str) -> list[dict[str, Any]]:
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


def _happened(result: Result, plan: ReleasePlan, locale: str) -> dict[str, Any]:
    moves = [_move(move, plan, locale) for move in result.transitions]
    if result.is_timer:
        return {"kind": "time", "at": result.at_text, "transitions": moves}
    return {
        "kind": "event",
        "at": result.at_text,
        "event": result.key,
        "type": result.type,
        "title": trigger_title(plan, result.type, locale),
        "outcome": result.outcome,
        "transitions": moves,
    }


def _taken_back(event: Event, plan: ReleasePlan, locale: str) -> dict[str, Any]:
    return {
        "kind": "taken_back",
        "at": event.at_text,
        "event": event.uid,
        "type": event.type,
        "title": trigger_title(plan, event.type, locale),
        "transitions": [],
    }


def _move(move: Move, plan: ReleasePlan, locale: str) -> dict[str, Any]:
    return {
        "track": move.track,
        "from": move.start,
        "to": move.end,
        "title": title_of(plan, move.track, move.end, locale) if move.end else None,
    }
