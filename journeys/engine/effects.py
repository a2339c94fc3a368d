"""The tasks and reminders that follow from a state alone (fold.md, section 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from journeys.definition.compiler import ReleasePlan, TaskPlan, disclosure_of
from journeys.definition.model import Hold
from journeys.engine.state import Held, State, Stay
from journeys.primitives.canonical import derived_id, parse_time, time_text

EffectKind = Literal["task", "reminder"]
Action = Literal["open", "reopen", "clear", "done"]

TELL = "tell"
_UNDECLARED = disclosure_of(Hold(trigger=""))


@dataclass(frozen=True, slots=True)
class Following:
    """An effect that follows from a state: a task for a person, or a reminder (a piece) for the patient.

    `state` is the full path of its state (or the name of its fact); `due` is the deadline of a task.
    """

    id: str
    kind: EffectKind
    name: str
    stay: str
    state: str
    title: str = ""
    assignee: str = ""
    piece: str = ""
    due: datetime | None = None

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "stay": self.stay,
            "state": self.state,
            "title": self.title,
            "for": self.assignee,
            "piece": self.piece,
            "due": time_text(self.due) if self.due else None,
        }


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of an effect: open or reopen it, clear it when no longer needed, or mark it as done."""

    action: Action
    id: str
    name: str
    following: Following | None = None


def effects_of(state: State, plan: ReleasePlan) -> list[Following]:
    """Every effect that follows from a state, in a fixed order."""
    if state.ended is not None:
        return []
    effects = [_tell(held, plan) for held in state.holds]
    for track in sorted(state.tracks):
        for stay in state.tracks[track]:
            effects += _of_stay(track, stay, plan, muted=bool(state.holds))
    return effects


def _tell(held: Held, plan: ReleasePlan) -> Following:
    # A release to which the patient migrated may no longer declare the hold.
    task = plan.disclosures.get(held.name, _UNDECLARED)
    since, _ = parse_time(held.since)
    return Following(
        id=derived_id("effect", held.id, TELL),
        kind="task",
        name=TELL,
        stay=held.id,
        state=held.name,
        title=task.title,
        assignee=task.assignee,
        due=task.within.after(since),
    )


def _of_stay(track: str, stay: Stay, plan: ReleasePlan, *, muted: bool) -> Iterator[Following]:
    state = plan.tracks[track].states[stay.state]
    if state.task is not None and "task" not in stay.done:
        yield _task("task", state.task, stay, state.full, stay.since)
    timers = {timer.name: timer for timer in state.timers}
    for fired in stay.fired:
        timer = timers.get(fired.name)
        if timer is None or not fired.took:
            continue
        if timer.task is not None and fired.effect_name not in stay.done:
            yield _task(fired.effect_name, timer.task, stay, state.full, fired.at)
        if timer.remind is not None and not muted:
            yield Following(
                id=derived_id("effect", stay.id, fired.effect_name),
                kind="reminder",
                name=fired.effect_name,
                stay=stay.id,
                state=state.full,
                piece=timer.remind,
                due=fired.at,
            )


def _task(name: str, task: TaskPlan, stay: Stay, full: str, start: datetime) -> Following:
    return Following(
        id=derived_id("effect", stay.id, name),
        kind="task",
        name=name,
        stay=stay.id,
        state=full,
        title=task.title,
        assignee=task.assignee,
        due=task.within.after(start.astimezone(UTC)),
    )
