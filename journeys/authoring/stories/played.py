"""A played story as values: its lines, its mismatches, and how each step ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from journeys.authoring.stories.script import Plain, Story, StoryStep
from journeys.engine import Arrival, Effect, Enrollment, News, Result, State
from journeys.engine.machine import Release
from journeys.outreach.simulate import SimulatedMessage
from journeys.primitives.problems import Problem


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of the transcript: the step and timers of one instant, and the enrollment after it.

    `result` is the result of the step's event; `timers` are the results of the timers that fired; `reminders` the
    pieces that fell due; `tasks` the tasks opened; `news` what the patient must still be told; `sees` the keys of the
    pieces that the patient sees afterwards, `saw` those before; `asks` the questions that are new; `messages` those
    that left or ended since the line before.
    """

    at: datetime
    step: StoryStep | None
    result: Result | None
    timers: tuple[Result, ...]
    before: State | None
    state: State
    view: State
    news_before: tuple[News, ...]
    news: tuple[News, ...]
    reminders: tuple[str, ...]
    tasks: tuple[Effect, ...]
    cleared: tuple[str, ...]
    sees: tuple[str, ...]
    saw: tuple[str, ...]
    release: str
    messages: tuple[SimulatedMessage, ...]
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that was not met, at a step (its index), after so many `lines` of the transcript."""

    step: int
    lines: int
    key: str
    expected: Plain
    actual: Plain


@dataclass(frozen=True, slots=True)
class StepEnd:
    """The end of a step: the clock, the number of lines until then, and all messages that had fallen due by then."""

    at: datetime
    lines: int
    messages: tuple[SimulatedMessage, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A story played to its end: its lines, the mismatches, and the actual results and the ends of its steps.

    `messages` are all messages to the patient: those that left or ended, in that order, then those that wait.
    `refusal` has the reasons, by field, why the last step was refused.
    """

    story: Story
    lines: tuple[StoryLine, ...]
    mismatches: tuple[Mismatch, ...]
    problems: tuple[Problem, ...]
    actual: tuple[Mapping[str, Plain], ...]
    enrollment: Enrollment
    log: tuple[Arrival, ...] = field(default=())
    releases: Mapping[str, Release] = field(default_factory=dict)
    messages: tuple[SimulatedMessage, ...] = ()
    ends: tuple[StepEnd, ...] = ()
    refusal: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def until(self, lines: int) -> Played:
        """The beginning of the story: some lines, with the messages until then."""
        kept = self.lines[:lines]
        return replace(self, lines=kept, messages=self.messages[: sum(len(line.messages) for line in kept)])
