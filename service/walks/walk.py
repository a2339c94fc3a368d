"""A walk as an address names it, and its scene: everything that is shown after a step. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from journeys.authoring.stories import (
    Played,
    Stage,
    Story,
    StoryLine,
    UnreadableWalk,
    Wording,
    packed_story,
    play,
    unpacked_story,
)
from journeys.content.catalogue import Catalogue
from journeys.content.screen import title_of
from journeys.definition.compiler import ReleasePlan
from journeys.definition.programmes import Values
from journeys.engine import State
from journeys.outreach.simulate import SimulatedMessage
from journeys.outreach.wording import CHANNEL_NAMES, GATE_REASONS
from journeys.primitives.locales import served_locale
from journeys.primitives.state_path import StatePath
from journeys.questions.questionnaire import Questionnaire
from service.platform import errors

#: The actions of steps that can be taken back.
RETRACTABLE = frozenset({"report", "place"})


@dataclass(frozen=True, slots=True)
class Walk:
    """A story, the number of the step that is shown (from 1), and how it is shown.

    `programme` is the key of a programme, `locale` the language of the phone; empty for the first and the person's own.
    """

    story: Story
    step: int
    programme: str = ""
    locale: str = ""

    @property
    def query(self) -> dict[str, Any]:
        """The parameters of its address.

        Raises:
            WalkTooLong: it does not fit into an address.
        """
        return {"walk": packed_story(self.story), "step": str(self.step), **self.display}

    @property
    def display(self) -> dict[str, Any]:
        """The parameters that say how it is shown."""
        values = {"programme": self.programme, "locale": self.locale}
        return {name: value for name, value in values.items() if value}


def walk_of(query: MultiDict[str, str], journey: str) -> Walk:
    """Return the walk that the parameters of an address name; its last step unless they name one.

    Raises:
        NotFound: they name no walk through this journey, or no step of it.
    """
    try:
        story = unpacked_story(query.get("walk", ""))
    except UnreadableWalk as error:
        raise errors.NotFound from error
    step = query.get("step", len(story.steps), type=int)
    if story.journey != journey or not 1 <= step <= len(story.steps):
        raise errors.NotFound
    return Walk(story, step, query.get("programme", ""), query.get("locale", ""))


@dataclass(frozen=True, slots=True)
class WalkStep:
    """A step in the list of steps: its number, its lines in words, and whether its event can be taken back."""

    number: int
    at: datetime
    lines: Sequence[tuple[str, str, str]]
    can_be_retracted: bool


@dataclass(frozen=True)
class WalkScene:
    """A walk after one of its steps.

    Attributes:
        walk: the walk; its step is one that could be played.
        stage: the release and its pieces, as they read in one programme.
        values: the values of the programme.
        played: the whole story.
    """

    walk: Walk
    stage: Stage
    values: Values = field(repr=False)
    played: Played = field(repr=False)

    @property
    def plan(self) -> ReleasePlan:
        """The plan of the release that is in force after the step."""
        return self.catalogue.plan

    @property
    def catalogue(self) -> Catalogue:
        """The pieces of the release that is in force after the step."""
        if self.state.release != self.stage.release.id:
            target = self.stage.find(self._migration_target())
            if target is not None:
                return target[1]
        return self.stage.catalogue

    @property
    def questionnaire(self) -> Questionnaire | None:
        """The compiled questions of that release; None of a journey that declares none."""
        return self.stage.questionnaire(self.catalogue) if self.stage.questionnaire is not None else None

    @property
    def view_before(self) -> State | None:
        """The told view before the last line of the step; None at the beginning."""
        end = self.played.ends[self.walk.step - 1].lines
        return self.played.lines[end - 2].view if end >= 2 else None

    @property
    def now(self) -> datetime:
        """The clock after the step, UTC."""
        return self.played.ends[self.walk.step - 1].at

    @property
    def line(self) -> StoryLine:
        """The last line until the end of the step."""
        return self.played.lines[self.played.ends[self.walk.step - 1].lines - 1]

    @property
    def state(self) -> State:
        """The true state."""
        return self.line.state

    @property
    def view(self) -> State:
        """The told view."""
        return self.line.view

    @property
    def locale(self) -> str:
        """The language of the phone."""
        return served_locale(self.walk.locale or self.walk.story.locale, self.plan.journey.locales)

    @property
    def messages(self) -> Sequence[SimulatedMessage]:
        """The messages that had fallen due by the end of the step, the newest first."""
        messages = self.played.ends[self.walk.step - 1].messages
        return sorted(messages, key=lambda message: message.at, reverse=True)

    @property
    def is_held(self) -> bool:
        """Whether the patient must still be told something."""
        return bool(self.line.news)

    @property
    def told_facts(self) -> Mapping[str, str | list[str]]:
        """The facts that the event of the step carried."""
        return self.walk.story.steps[self.walk.step - 1].facts

    @cached_property
    def steps(self) -> Sequence[WalkStep]:
        """All steps that could be played."""
        return list(self._steps())

    @property
    def new_lines(self) -> Sequence[StoryLine]:
        """The lines of the step."""
        ends = self.played.ends
        begin = ends[self.walk.step - 2].lines if self.walk.step > 1 else 0
        return self.played.lines[begin : ends[self.walk.step - 1].lines]

    @property
    def moved_leaf(self) -> str:
        """The full path of the innermost state of the track that the step moved, or of the first track."""
        wording = Wording(self.catalogue, self.played.story, self.locale)
        track = wording.main_track(self.line)
        return f"{track}.{self.state.tracks[track][-1].state}"

    def positions(self, state: State) -> list[tuple[str, str, str]]:
        """Return the innermost state of each track: the track, the title, and the full path."""
        locale = self.plan.journey.locales[0]
        leaves = [StatePath(track, stays[-1].state) for track, stays in state.tracks.items()]
        return [
            (leaf.track, title_of(self.plan, leaf.track, leaf.path, locale), str(leaf))
            for leaf in leaves
            if leaf.track in self.plan.tracks
        ]

    @property
    def outdated_positions(self) -> list[tuple[str, str, str]]:
        """The positions of the told view that are not those of the true state."""
        true = self.positions(self.state)
        return [position for position in self.positions(self.view) if position not in true]

    def _steps(self) -> Iterator[WalkStep]:
        wording = Wording(self.stage.catalogue, self.played.story, self.plan.journey.locales[0])
        begin = 0
        for number, (step, end) in enumerate(zip(self.played.story.steps, self.played.ends, strict=False), start=1):
            lines = self.played.lines[begin : end.lines]
            begin = end.lines
            in_words = [
                (wording.happened(line), wording.stands(line), wording.notes(line))
                for line in lines
                if not wording.is_quiet(line)
            ]
            yield WalkStep(number, end.at, in_words or [("time passes", "", "")], step.action in RETRACTABLE)

    def _migration_target(self) -> str:
        steps = self.walk.story.steps[: self.walk.step]
        return next((step.target for step in reversed(steps) if step.action == "migrate"), "")


def scene_of(walk: Walk, stage: Stage, values: Values) -> WalkScene | None:
    """Return the scene of a walk, at its last step that could be played where the chosen one could not.

    `played.problems` of the scene are the mistakes of the first step that could not be played. None where not even the
    first step could be played.
    """
    played = play(walk.story, stage)
    if not played.ends:
        return None
    shown = min(walk.step, len(played.ends))
    return WalkScene(Walk(walk.story, shown, walk.programme, walk.locale), stage, values, played)


def fate_of(message: SimulatedMessage) -> str:
    """Return what became of a message, as a sentence; its day and time are those of the person's clock."""
    at = f"{message.local:%Y-%m-%d} at {message.local:%H:%M}"
    reason = GATE_REASONS[message.reason] if message.reason is not None else ""
    if message.channel is not None:
        return f"Sent by {CHANNEL_NAMES[message.channel]} on {at}."
    return f"Waits until {at}: {reason}." if message.status == "waiting" else f"Not sent on {at}: {reason}."
