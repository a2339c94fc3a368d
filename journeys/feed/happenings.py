"""The events of a feed about one enrollment, worked out from its told view and compared with what was published.

Which events there are depends on the told view, on what was published, and on the instant of the comparison alone:
never on how often it was compared before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.definition.compiler import ReleasePlan
from journeys.engine import Following, Result, State, reminders_of, tasks_of
from journeys.feed.happening import Happening
from journeys.primitives.canonical import derived_id, time_text


@dataclass(frozen=True, slots=True)
class FeedChanges:
    """The keys of published events that a retraction or a late event took away, and the events that are new."""

    withdrawn: tuple[str, ...]
    new: tuple[Happening, ...]


def pending_of(view: State, plan: ReleasePlan, closed: Container[str], now: datetime) -> list[Happening]:
    """The tasks that are open in the told view, and the last reminder that fell due in each stay.

    Args:
        view: the told view, folded to now.
        plan: its release.
        closed: the ids of the tasks that a person closed.
        now: the present, UTC.
    """
    reminders = {reminder.stay: reminder for reminder in reminders_of(view, plan)}
    return [
        *(_opened(task, now) for task in tasks_of(view, (), plan) if task.id not in closed),
        *(_due(reminder, now) for reminder in reminders.values()),
    ]


def changes_of(
    published: Mapping[str, Happening], results: Sequence[Result], pending: Sequence[Happening], now: datetime
) -> FeedChanges:
    """What changed in the feed of an enrollment.

    A task that is not open any more was closed, and a reminder stays published after its stay; both are withdrawn where
    their origin did not happen.

    Args:
        published: the events that were published and not withdrawn, by key.
        results: the results of the told view, in the order of the fold.
        pending: see `pending_of`.
        now: the present, UTC.
    """
    current = {happening.key: happening for happening in (*_past(results), *pending)}
    origins = set(_origins(results))
    for key, earlier in published.items():
        if key in current or earlier.origin not in origins:
            continue
        if earlier.kind == "content.due":
            current[key] = earlier
        elif earlier.kind == "task.opened":
            closed = Happening("task.closed", f"{key} closed", now, earlier.data)
            current |= {key: earlier, closed.key: closed}
    return FeedChanges(
        tuple(key for key in published if key not in current),
        tuple(happening for key, happening in current.items() if key not in published),
    )


def _past(results: Iterable[Result]) -> Iterator[Happening]:
    """The states entered and left, the timers that took effect, and the end, in the order of the fold."""
    times: Counter[str] = Counter()
    for result in results:
        if result.firing is not None:
            data = {"state": result.firing.state, "timer": result.type}
            yield Happening("timer.fired", result.key, result.at, data)
        moves = [
            (kind, f"{move.track}.{leaf}")
            for move in result.transitions
            for kind, leaf in (("state.left", move.start), ("state.entered", move.end))
            if leaf is not None
        ]
        for kind, state in moves:
            name = f"{result.key} {kind} {state}"
            times[name] += 1
            data = {"state": state, "at": result.at_text}
            yield Happening(kind, f"{name} {times[name]}", result.at, data)  # type: ignore[arg-type] # one of two
        if any(move.end is None for move in result.transitions):
            data = {"trigger": result.type, "at": result.at_text}
            yield Happening("enrollment.ended", f"{result.key} ended", result.at, data)


def _origins(results: Iterable[Result]) -> Iterator[str]:
    """The stays that began, and the effects of the timers that took effect."""
    for result in results:
        yield from result.stays
        if result.firing is not None:
            yield derived_id("effect", result.firing.stay, result.firing.effect)


def _opened(task: Following, now: datetime) -> Happening:
    data = {"task": task.id, "state": task.state, "for": task.assignee}
    due = {"due": time_text(task.due)} if task.due is not None else {}
    return Happening("task.opened", f"task {task.id}", now, data | due, task.stay)


def _due(reminder: Following, now: datetime) -> Happening:
    data = {"piece": reminder.piece, "state": reminder.state}
    return Happening("content.due", f"content {reminder.id}", reminder.due or now, data, reminder.id)
