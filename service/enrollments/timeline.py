"""The timeline of an enrollment for a care team: what happened, who reported it, what is held, what was put right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from journeys.content.screen import fact_title, label_of, title_of, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED, Value
from journeys.engine import Event, Result, Retraction
from journeys.primitives.canonical import stored_time, time_text
from service.enrollments.staff_reports import Correction, correction_of
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import HistoryLine, LogEntry
from service.enrollments.trace import Trace
from service.platform.database.payload import unseal

SETTINGS = {"locale": "Language", "time_zone": "Time zone", "programme": "Programme"}


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How an event was taken back: when (an instant as text), by whom, and why.

    `reason` is that of a retraction, or `replaced`; `shown` are the keys of the pieces that the patient had been given
    because of the event.
    """

    at: str
    by: str
    reporter: str
    reason: str
    shown: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """An event, or a timer that moved the patient; `at` and `arrived_at` are a day or an instant, as text.

    Attributes:
        event: the uid of the event; None: a timer.
        arrived_at: when the event was reported.
        by: the reporter type.
        reporter: the reporter.
        facts: the facts of the event: title and value in words.
        outcome: one of the four outcomes; None: the event was taken back.
        entered: the titles of the states that were entered.
        waiting_for: the titles of the facts that the event waits for.
        reason: why staff placed the patient in a state.
        is_held: whether the patient does not know of it yet; false of what was taken back.
        taken_back: how the event was taken back, or None.
        is_beginning: whether the enrollment began with it.
        correction: the form that replaces the event; None where it cannot be corrected.
    """

    at: str
    title: str
    event: str | None = None
    arrived_at: str | None = None
    by: str | None = None
    reporter: str | None = None
    facts: Sequence[tuple[str, str]] = ()
    outcome: str | None = None
    entered: Sequence[str] = ()
    waiting_for: Sequence[str] = ()
    reason: str | None = None
    is_held: bool = False
    taken_back: TakenBack | None = None
    is_beginning: bool = False
    correction: Correction | None = None


def timeline_of(
    trace: Trace, stored: StoredEnrollment, settings: Iterable[HistoryLine], plan: ReleasePlan, locale: str
) -> list[TimelineEntry]:
    """The timeline, the last first, in a locale. Timers that moved nothing and marks of pieces are left out.

    Args:
        trace: the truth.
        stored: the enrollment.
        settings: the lines of the history that changed its settings.
        plan: the release in force.
        locale: the locale of the titles.
    """
    told = stored.enrollment.told
    held = {news.cause for news in told.open} | told.withheld_keys
    entries = [
        (result.at, _applied(result, trace.events.get(result.key), held, plan, locale))
        for result in trace.results
        if (result.transitions if result.is_timer else not trace.events[result.key].is_mark)
    ]
    entries = [(at, _correctable(entry, trace, plan, stored.zone, locale)) for at, entry in entries]
    entries += [(stored_time(line.at)[0], _changed_settings(line)) for line in settings]
    entries += [
        (event.at, TimelineEntry(**_parts(event, plan, locale), taken_back=how))
        for event, how in _taken_back_events(trace)
        if not event.is_mark
    ]
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])][::-1]


def _applied(
    result: Result, event: Event | None, held: Collection[str], plan: ReleasePlan, locale: str
) -> TimelineEntry:
    entered = [title_of(plan, move.track, move.end, locale) for move in result.transitions if move.end]
    if event is None:
        return TimelineEntry(at=result.at_text, title="Time passed", entered=entered, is_held=result.key in held)
    missing = [_fact_title(plan, name, locale) for name in result.waiting_for]
    return TimelineEntry(
        **_parts(event, plan, locale),
        outcome=result.outcome,
        entered=entered,
        waiting_for=missing,
        is_held=event.uid in held,
    )


def _correctable(entry: TimelineEntry, trace: Trace, plan: ReleasePlan, zone: tzinfo, locale: str) -> TimelineEntry:
    event = trace.events.get(entry.event or "")
    return replace(entry, correction=correction_of(event, plan, zone, locale)) if event is not None else entry


def _changed_settings(line: HistoryLine) -> TimelineEntry:
    """The entry of changed settings: of each what it is and was."""
    before, after = line.data["from"], line.data["to"]
    return TimelineEntry(
        at=line.at,
        title="Settings changed",
        by=line.data["by"],
        reporter=line.item,
        facts=[(SETTINGS[name], f"{value}, before {before[name] or 'none'}") for name, value in after.items()],
    )


def _parts(event: Event, plan: ReleasePlan, locale: str) -> dict[str, Any]:
    return {
        "at": event.at_text,
        "title": trigger_title(plan, event.type, locale),
        "event": event.uid,
        "arrived_at": time_text(event.arrived_at),
        "by": event.by,
        "reporter": event.reporter,
        "facts": [
            (_fact_title(plan, name, locale), _value_text(plan, name, value, locale))
            for name, value in event.facts.items()
        ],
        "reason": event.data.get("reason"),
        "is_beginning": event.kind == "enrolled",
    }


def _taken_back_events(trace: Trace) -> list[tuple[Event, TakenBack]]:
    """The events that are no longer part of the fold, and how each was taken back last."""
    by_uid: dict[str, LogEntry] = {}
    for entry in trace.log:
        uid = entry.arrival.replaces if isinstance(entry.arrival, Event) else entry.arrival.uid
        if uid is not None:
            by_uid[uid] = entry
    return [
        (entry.arrival, _how(by_uid[entry.uid]))
        for entry in trace.log
        if isinstance(entry.arrival, Event) and entry.uid not in trace.events and entry.uid in by_uid
    ]


def _how(entry: LogEntry) -> TakenBack:
    arrival = entry.arrival
    decision: Mapping[str, Any] = unseal(entry.decision)
    shown = [piece["piece"] for piece in decision.get("shown", ())]
    reason = arrival.reason if isinstance(arrival, Retraction) else "replaced"
    return TakenBack(time_text(arrival.arrived_at), arrival.by, arrival.reporter, reason, list(dict.fromkeys(shown)))


def _fact_title(plan: ReleasePlan, name: str, locale: str) -> str:
    fact = plan.journey.facts.get(name)
    return fact_title(plan, fact, locale) if fact is not None else name.replace("_", " ")


def _value_text(plan: ReleasePlan, name: str, value: Value, locale: str) -> str:
    """A value in words; of a fact that an earlier release declared, the value itself."""
    if value is DECLINED:
        return "declined to say"
    if isinstance(value, bool):
        return "yes" if value else "no"
    fact = plan.journey.facts.get(name)
    words = [str(word) for word in value] if isinstance(value, list) else [str(value)]
    return ", ".join(label_of(plan, fact, word, locale) for word in words) if fact is not None else ", ".join(words)
