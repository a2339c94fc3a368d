"""Upcoming events of a patient, from the timers of the told view. It leaves out tasks of the staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from journeys.content.catalogue import Catalogue, consider, world_of
from journeys.content.screen.titles import fact_title, title_of
from journeys.definition.compiler import ReleasePlan, StatePlan, TimerPlan
from journeys.definition.facts import DECLINED
from journeys.engine import State, Stay

Kind = Literal["appointment", "state", "reminder"]
_KINDS: tuple[Kind, ...] = ("appointment", "state", "reminder")


@dataclass(frozen=True, slots=True)
class Coming:
    """An upcoming event and its day (UTC)."""

    title: str
    day: date
    kind: Kind


def coming(catalogue: Catalogue, view: State, at: datetime, locale: str) -> list[Coming]:
    """The upcoming events, soonest first, each once.

    A future date that timers count from is one appointment for all of them. Any other timer adds the state that it
    leads to, or the piece that it sends, if its condition is true with the facts known now. A held state is left out.
    """
    plan = catalogue.plan
    soonest: dict[tuple[Kind, str], Coming] = {}
    for track in plan.tracks:
        for stay in view.tracks.get(track, ()):
            for event in _of_stay(catalogue, view, plan.tracks[track].states[stay.state], stay, at, locale):
                other = soonest.get((event.kind, event.title))
                if other is None or event.day < other.day:
                    soonest[event.kind, event.title] = event
    return sorted(soonest.values(), key=lambda event: (event.day, _KINDS.index(event.kind), event.title))


def _of_stay(
    catalogue: Catalogue, view: State, state: StatePlan, stay: Stay, at: datetime, locale: str
) -> Iterator[Coming]:
    plan = catalogue.plan
    for timer in state.timers:
        if timer.task is not None:
            continue
        appointment = _appointment(view, timer, at)
        if appointment is not None and timer.start is not None:
            yield Coming(fact_title(plan, plan.journey.facts[timer.start], locale), appointment, "appointment")
            continue
        armed = stay.timers.get(timer.name)
        if armed is None or not _is_to_be_expected(view, timer, stay, armed.due):
            continue
        day = armed.due.astimezone(UTC).date()
        if timer.remind is not None:
            piece = catalogue.pieces.get(timer.remind)
            if piece is not None and consider(plan, piece, view, armed.due, as_reminder=True).is_shown:
                yield Coming(piece.texts[locale].title, day, "reminder")
        else:
            entered = _entered(plan, state, timer)
            if not any(entered_state.hold for entered_state in entered):
                yield Coming(title_of(plan, state.track, entered[-1].path, locale), day, "state")


def _appointment(view: State, timer: TimerPlan, at: datetime) -> date | None:
    """The date that a timer counts from, or None if it is past or unknown."""
    fact = view.facts.get(timer.start) if timer.start is not None else None
    if fact is None or fact.value is DECLINED:
        return None
    day = date.fromisoformat(str(fact.value))
    return day if day >= at.astimezone(UTC).date() else None


def _is_to_be_expected(view: State, timer: TimerPlan, stay: Stay, due: datetime) -> bool:
    """Whether the condition of a timer is true at its deadline with the facts known now."""
    return timer.when is None or timer.when.ask(world_of(view, due, stay)) is True


def _entered(plan: ReleasePlan, state: StatePlan, timer: TimerPlan) -> tuple[StatePlan, ...]:
    """The states that a timer enters, outermost first."""
    (candidate,) = plan.tracks[state.track].handlers[state.path, timer.trigger]
    assert candidate.enters is not None
    return candidate.enters
