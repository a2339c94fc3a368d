"""The tasks and reminders that follow from a state alone (fold.md, section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from journeys.definition.compiler import ReleasePlan, StatePlan, TaskPlan, TimerPlan, disclosure_of
from journeys.definition.model import Hold
from journeys.engine.state import Fired, News, State, Stay
from journeys.primitives.canonical import derived_id, midnight, parse_time, stored_time, time_text

EffectKind = Literal["task", "reminder"]
Action = Literal["open", "reopen", "clear", "done"]

TELL, THANKS = "tell", "thanks"
_UNDECLARED = disclosure_of(Hold(trigger=""))


@dataclass(frozen=True, slots=True)
class Following:
    """An effect that follows from a state: a task for a person, or a reminder (a piece) for the patient.

    `state` is the full path of its state, or the name of its fact or its survey; `due` is the deadline of a task.
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


def tasks_of(state: State, open_news: Iterable[News], plan: ReleasePlan) -> list[Following]:
    """Every task that follows from a state and from news that a person must tell, in a fixed order."""
    if state.ended is not None:
        return []
    tasks = [_tell(news, plan) for news in open_news]
    tasks += _thanks(state, plan)
    for full, stay, declared in _open_stays(state, plan):
        if declared.task is not None and "task" not in stay.done:
            tasks.append(_task("task", declared.task, stay.id, full, stay.since))
        for fired, timer in _fired(stay, declared):
            if timer.task is not None and fired.effect_name not in stay.done:
                tasks.append(_task(fired.effect_name, timer.task, stay.id, full, fired.at))
    return tasks


def reminders_of(view: State, plan: ReleasePlan) -> list[Following]:
    """Every reminder that follows from the told view, in a fixed order."""
    if view.ended is not None:
        return []
    return [
        Following(
            id=derived_id("effect", stay.id, fired.effect_name),
            kind="reminder",
            name=fired.effect_name,
            stay=stay.id,
            state=full,
            piece=timer.remind,
            due=fired.at,
        )
        for full, stay, declared in _open_stays(view, plan)
        for fired, timer in _fired(stay, declared)
        if timer.remind is not None
    ]


def dates_of_reminders(view: State, plan: ReleasePlan) -> dict[str, datetime | None]:
    """The date to which each reminder of the told view counts down (its first instant, UTC), by id.

    None where its timer counts from something that has been: an entry, or a date that lies before.
    """
    if view.ended is not None:
        return {}
    return {
        derived_id("effect", stay.id, fired.effect_name): midnight(fired.anchor)
        if fired.anchor is not None and timer.delay.is_negative
        else None
        for _, stay, declared in _open_stays(view, plan)
        for fired, timer in _fired(stay, declared)
        if timer.remind is not None
    }


def _tell(news: News, plan: ReleasePlan) -> Following:
    # A release to which the patient migrated may no longer declare the hold.
    task = plan.disclosures.get(news.name, _UNDECLARED)
    since, _ = parse_time(news.since)
    return Following(
        id=derived_id("effect", news.id, TELL),
        kind="task",
        name=TELL,
        stay=news.id,
        state=news.name,
        title=task.title,
        assignee=task.assignee,
        due=task.within.after(since),
    )


def _thanks(state: State, plan: ReleasePlan) -> Iterator[Following]:
    """The tasks that patients were promised for the surveys that they finished."""
    for survey, status in sorted(state.surveyed.items()):
        task = plan.surveys[survey].task if survey in plan.surveys and not status.is_declined else None
        if task is not None:
            yield _task(THANKS, task, status.event, survey, stored_time(status.at)[0])


def _open_stays(state: State, plan: ReleasePlan) -> Iterator[tuple[str, Stay, StatePlan]]:
    """The open stays in a fixed order: full path of the state, stay, declared state."""
    for track in sorted(state.tracks):
        for stay in state.tracks[track]:
            declared = plan.tracks[track].states[stay.state]
            yield declared.full, stay, declared


def _fired(stay: Stay, declared: StatePlan) -> Iterator[tuple[Fired, TimerPlan]]:
    """The timers of a stay that fired and took effect, in order of firing."""
    timers = {timer.name: timer for timer in declared.timers} if stay.fired else {}
    for fired in stay.fired:
        timer = timers.get(fired.name)
        if timer is not None and fired.took:
            yield fired, timer


def _task(name: str, task: TaskPlan, cause: str, place: str, start: datetime) -> Following:
    """A task of a stay in a state, or of the event that finished a survey; its time runs from the start."""
    return Following(
        id=derived_id("effect", cause, name),
        kind="task",
        name=name,
        stay=cause,
        state=place,
        title=task.title,
        assignee=task.assignee,
        due=task.within.after(start.astimezone(UTC)),
    )
