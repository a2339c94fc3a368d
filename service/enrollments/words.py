"""What patients and caregivers write themselves in the facts of a report: it opens a task with a clock.

The words stay where the facts are, in the log; nothing of them is in the task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from journeys.content.screen import fact_title
from journeys.definition.compiler import ReleasePlan
from journeys.engine import Arrival, Event
from journeys.primitives.canonical import derived_id
from service.effects.words import TITLES, open_task_for_words
from service.platform.database.statements import Target


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a patient or a caregiver wrote.

    Attributes:
        task: the id of the task that it opened.
        at: when it arrived, UTC.
        by: `patient` or `family`.
        text: the words.
    """

    task: str
    at: datetime
    by: str
    text: str


def open_tasks_for_words(
    target: Target, plan: ReleasePlan, enrollment: str, arrivals: Iterable[Arrival], now: datetime
) -> None:
    """Opens a task for each event by a patient or a caregiver with words of their own."""
    for event in _with_words(plan, arrivals):
        open_task_for_words(target, enrollment, _task_of(event), TITLES[event.by], now)


def words_in(plan: ReleasePlan, arrivals: Iterable[Arrival], locale: str) -> list[OwnWords]:
    """The words in the facts of a log, also of events that were taken back, in order of arrival."""
    return [
        OwnWords(_task_of(event), event.arrived_at, event.by, "\n".join(_lines(plan, event, locale)))
        for event in _with_words(plan, arrivals)
    ]


def _with_words(plan: ReleasePlan, arrivals: Iterable[Arrival]) -> Iterator[Event]:
    for arrival in arrivals:
        if isinstance(arrival, Event) and arrival.by in TITLES and any(_names(plan, arrival)):
            yield arrival


def _names(plan: ReleasePlan, event: Event) -> Iterator[str]:
    """The facts of an event that are texts; one that is blank says nothing."""
    for name, value in event.facts.items():
        kind = plan.facts.get(name)
        if kind is not None and kind.kind == "text" and isinstance(value, str) and value.strip():
            yield name


def _lines(plan: ReleasePlan, event: Event, locale: str) -> Iterator[str]:
    for name in _names(plan, event):
        yield f"{fact_title(plan, plan.journey.facts[name], locale)}: {event.facts[name]}"


def _task_of(event: Event) -> str:
    return derived_id("words", event.uid)
