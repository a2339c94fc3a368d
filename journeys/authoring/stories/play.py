"""Plays a story with a virtual clock; the enrollment passes through its stored form between any two lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from journeys.authoring.stories.asking import Compile, asked, compiled_once
from journeys.authoring.stories.expectations import agree, how_messages_went
from journeys.authoring.stories.played import Mismatch, Played, StepEnd, StoryLine
from journeys.authoring.stories.script import Plain, Story, StoryStep
from journeys.content.catalogue import Catalogue, select
from journeys.definition.facts import read_text
from journeys.definition.model import ANSWERED
from journeys.engine import (
    Arrival,
    Enrollment,
    Event,
    Joining,
    Placement,
    Report,
    Result,
    Retraction,
    State,
    Step,
    admit,
    admit_entry,
    admit_placement,
    advance,
    tasks_of,
)
from journeys.engine.machine import Release
from journeys.outreach.occasions import ToldJourney
from journeys.outreach.simulate import Simulation
from journeys.primitives.canonical import canonical, event_uid
from journeys.primitives.durations import parse_duration
from journeys.primitives.errors import CallerError
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.state_path import problem_of_targets
from journeys.surveys.answers import read_answers

REPORTER_NAMES = {"patient": "app", "family": "family", "staff": "clinic"}


@dataclass(frozen=True)
class Stage:
    """The environment of a story: the release and content of its journey, and the releases to migrate to.

    `questionnaire` compiles questions; without it they are played only in a story that expects some.
    """

    release: Release
    catalogue: Catalogue
    find: Callable[[str], tuple[Release, Catalogue] | None] = lambda _: None
    questionnaire: Compile | None = None


def play(story: Story, stage: Stage) -> Played:
    """Plays a story from its first step to its last.

    Mistakes of the script (an unknown trigger or step id) are reported as problems of the result.
    """
    player = _Player(story, stage)
    player.check_topics()
    for number, step in enumerate(story.steps):
        player.step(number, step)
        if player.problems:
            break
    return Played(
        story=story,
        lines=tuple(player.lines),
        mismatches=tuple(player.mismatches),
        problems=tuple(player.problems),
        actual=tuple(player.actual),
        enrollment=player.enrollment,
        log=tuple(player.log),
        releases=player.releases,
        messages=player.simulation.messages,
        ends=tuple(player.ends),
        refusal=player.refusal,
    )


class _Player:
    """Plays one story."""

    def __init__(self, story: Story, stage: Stage) -> None:
        self.story = story
        self.stage = stage
        self.releases: dict[str, Release] = {stage.release.id: stage.release}
        self.catalogues: dict[str, Catalogue] = {stage.release.id: stage.catalogue}
        self.enrollment = Enrollment(f"story:{story.patient}", stage.release.id)
        self.log: list[Arrival] = []
        self.now: datetime | None = None
        self.named: dict[str, str] = {}
        self.decisions: dict[str, tuple[Event, Result | None]] = {}
        self.lines: list[StoryLine] = []
        self.mismatches: list[Mismatch] = []
        self.problems: list[Problem] = []
        self.actual: list[Mapping[str, Plain]] = []
        self.ends: list[StepEnd] = []
        self.refusal: Mapping[str, Sequence[str]] = {}
        self.sees: tuple[str, ...] = ()
        self.asks: tuple[str, ...] = ()
        expects_questions = any("asks" in step.expect for step in story.steps)
        self.questionnaire = stage.questionnaire or (compiled_once() if expects_questions else None)
        self.reminders: list[str] = []
        self.simulation = Simulation(recipient=story.recipient, locale=story.locale)
        self.decided_before_line = 0
        self.decided_before_step = 0

    @property
    def release(self) -> Release:
        state = self.enrollment.state
        return self.releases[state.release if state is not None else self.enrollment.release]

    def problem(self, step: StoryStep, message: str) -> None:
        self.problems.append(Problem(self.story.file, step.mark.line, step.mark.column, "error", "story", message))

    def check_topics(self) -> None:
        """Notes topics that the person switched off and the journey does not declare."""
        declared = self.stage.release.plan.journey.topics
        for topic in sorted(self.story.recipient.preferences.topics_off - declared.keys()):
            hint = did_you_mean(topic, declared)
            self.problem(self.story.steps[0], f"Unknown topic '{topic[:80]}' in 'topics_off' of the person.{hint}")

    def step(self, number: int, step: StoryStep) -> None:
        """Sets the clock, applies the step, and compares the expectations."""
        self.reminders = []
        self.decided_before_step = len(self.simulation.decided)
        if not self.set_clock(step):
            return
        result: Result | None = None
        if step.action:
            try:
                arrival = self.arrival(number, step)
            except CallerError as error:
                self.refusal = error.fields
                for name, messages in error.fields.items():
                    self.problem(step, f"{name}: {' '.join(messages)}")
                return
            if arrival is None:
                return
            if isinstance(arrival, Event) and arrival.uid in self.decisions:
                result = self.replay(arrival, step)
            else:
                result = self.arrive(arrival, step)
        if self.enrollment.state is None:
            self.problem(step, "The first step must be 'enroll'.")
            return
        self.send_messages()
        assert self.now is not None
        self.ends.append(StepEnd(self.now, len(self.lines), self.simulation.messages))
        actual = self.how_things_stand(result)
        self.actual.append(actual)
        for key, expected in step.expect.items():
            if not agree(key, expected, actual[key]):
                self.mismatches.append(Mismatch(number, len(self.lines), key, expected, actual[key]))

    def set_clock(self, step: StoryStep) -> bool:
        """Advances the clock to the step's time, one timer after the other."""
        if step.wait is not None:
            if self.now is None:
                self.problem(step, "The first step needs 'on'.")
                return False
            target = parse_duration(step.wait).after(self.now)
        else:
            assert step.at is not None
            target = step.at
        if self.now is not None and target < self.now:
            self.problem(step, "The clock cannot go back. Give an earlier event 'occurred' instead.")
            return False
        while (due := self.next_due()) is not None and due <= target:
            self.advance([], due, None)
        self.now = target
        return True

    def next_due(self) -> datetime | None:
        state = self.enrollment.state
        return state.next_due_at if state is not None else None

    def arrive(self, arrival: Arrival, step: StoryStep) -> Result | None:
        assert self.now is not None
        done = self.advance([arrival], self.now, step)
        if not isinstance(arrival, Event):
            return None
        result = done.results.get(arrival.uid)
        self.decisions[arrival.uid] = arrival, result
        return result

    def replay(self, event: Event, step: StoryStep) -> Result | None:
        """The stored decision on an event that was delivered before; as in the service, nothing else changes."""
        assert self.now is not None
        first, result = self.decisions[event.uid]
        if replace(event, arrived_at=first.arrived_at, sequence=first.sequence) != first:
            self.problem(step, f"The id '{event.id}' is already used by another event.")
            return None
        self.advance([], self.now, step)
        return result

    def advance(self, arrivals: Sequence[Arrival], now: datetime, step: StoryStep | None) -> Step:
        """Advances the enrollment, stores and reloads it, and adds the lines of the transcript."""
        before, news_before = self.enrollment.state, self.enrollment.told.open
        log = list(self.log)
        done = advance(self.releases, self.enrollment, lambda: log, arrivals, now)
        self.log += arrivals
        stored = json.loads(canonical(done.enrollment.to_stored()))
        self.enrollment = Enrollment.from_stored(stored)
        reminders = tuple(
            effect.following.piece
            for effect in done.effects
            # A reminder that is reopened after a disclosure was already sent when it was first opened.
            if effect.following is not None and effect.following.kind == "reminder" and effect.action == "open"
        )
        self.reminders += reminders
        state = self.enrollment.state
        assert state is not None
        saw, self.sees = self.sees, self.what_the_patient_sees(now)
        were_asked, self.asks = self.asks, self.questions(now)
        self.now = now
        self.send_messages()
        messages = self.simulation.decided[self.decided_before_line :]
        self.decided_before_line += len(messages)
        result = next((done.results[arrival.uid] for arrival in arrivals if arrival.uid in done.results), None)
        self.lines.append(
            StoryLine(
                at=now,
                step=step,
                result=result,
                timers=done.timers,
                before=before,
                state=state,
                view=self.view,
                news_before=news_before,
                news=self.enrollment.told.open,
                reminders=reminders,
                tasks=tuple(
                    effect
                    for effect in done.effects
                    if effect.following is not None
                    and effect.following.kind == "task"
                    and effect.action in ("open", "reopen")
                ),
                cleared=done.cleared,
                sees=self.sees,
                saw=saw,
                release=self.release.id,
                messages=messages,
                asks=tuple(name for name in self.asks if name not in were_asked),
            )
        )
        return done

    def send_messages(self) -> None:
        """Asks the gate about the patient's messages, up to now."""
        assert self.now is not None
        view = self.view
        told = ToldJourney(
            enrollment=self.enrollment.id,
            joined_at=next(entry.at for entry in self.log if isinstance(entry, Event)),
            view=view,
            catalogue=self.catalogues[view.release],
        )
        self.simulation = self.simulation.showing(told, self.now)

    @property
    def view(self) -> State:
        """The told view of the enrollment."""
        assert self.enrollment.view is not None
        return self.enrollment.view

    def what_the_patient_sees(self, now: datetime) -> tuple[str, ...]:
        view = self.enrollment.view
        if view is None or view.ended is not None:
            return ()
        return tuple(selection.piece.key for selection in select(self.catalogues[view.release], view, now))

    def questions(self, now: datetime) -> tuple[str, ...]:
        """The names of the questions that the patient is asked."""
        view = self.enrollment.view
        return asked(self.questionnaire, self.catalogues[view.release], view, now) if view is not None else ()

    # --- what happens --------------------------------------------------------------------------------------

    def arrival(self, number: int, step: StoryStep) -> Arrival | None:
        """The event or retraction of a step.

        Raises:
            CallerError: when the journey does not accept it.
        """
        assert self.now is not None
        reporter = REPORTER_NAMES[step.by]
        name = self.story.name_of(number + 1)
        at, day = step.occurred or (self.now, step.day and step.wait is None)
        # Events of the same day happen in the order of the story.
        sequence = step.sequence if step.sequence is not None else (0 if step.occurred else number)
        plan = self.release.plan
        if step.action == "enroll":
            return admit_entry(
                plan,
                self.enrollment.id,
                Joining(step.target or None, self.facts(step), reporter, step.by, at, day),
                self.now,
            )
        if step.action == "retract":
            uid = self.uid(step, step.target)
            return Retraction(uid, step.reason, reporter, self.now) if uid else None
        replaces = self.uid(step, step.replaces) if step.replaces else None
        self.named[name] = event_uid(self.enrollment.id, reporter, name)
        if step.action == "place":
            placement = Placement(
                name, step.target, step.reason, reporter, at, day, self.facts(step), step.told, replaces
            )
            return admit_placement(plan, self.enrollment.id, placement, self.now)
        if step.action == "migrate":
            return self.migration(step, name)
        report = Report(name, step.target, reporter, step.by, at, day, sequence, self.facts(step), step.told, replaces)
        report = replace(report, question=step.question, until=step.until, topic=step.topic)
        if step.question is not None and step.target == ANSWERED:
            report = read_answers(plan, self.enrollment.view, report, self.now).report
        return admit(plan, self.enrollment.id, report, self.now, known=self.enrollment.heard_of)

    def facts(self, step: StoryStep) -> dict[str, object]:
        facts: dict[str, object] = {}
        survey = self.release.plan.journey.surveys.get(step.question or "")
        own = {name: measure.kind for name, measure in survey.measures.items()} if survey is not None else {}
        kinds = {**self.release.plan.facts, **own}
        for name, text in step.facts.items():
            kind = kinds.get(name)
            try:
                facts[name] = text if isinstance(text, list) or kind is None else read_text(kind, text)
            except ValueError:
                facts[name] = text  # admission reports the accepted values
        return facts

    def uid(self, step: StoryStep, name: str) -> str | None:
        if name not in self.named:
            hint = did_you_mean(name, self.named)
            self.problem(step, f"Unknown step id '{name}'; it must belong to an earlier step.{hint}")
            return None
        return self.named[name]

    def migration(self, step: StoryStep, name: str) -> Event | None:
        assert self.now is not None
        target = self.stage.find(step.target)
        if target is None:
            self.problem(step, f"'{step.target}' is not a definition without lint errors.")
            return None
        release, catalogue = target
        for full, listed in step.mapping.items():
            if not isinstance(listed, str) and (problem := problem_of_targets(listed, release.plan.states)):
                self.problem(step, f"The map of '{full}' is wrong. {problem}")
                return None
        self.releases[release.id] = release
        self.catalogues[release.id] = catalogue
        return Event(
            uid=event_uid(self.enrollment.id, "migration", name),
            reporter="migration",
            by="staff",
            id=name,
            kind="migrated",
            type="migrated",
            at=self.now,
            arrived_at=self.now,
            data={"to": release.id, "map": dict(step.mapping)},
        )

    # --- how things stand ----------------------------------------------------------------------------------

    def how_things_stand(self, result: Result | None) -> dict[str, Plain]:
        """The current value of everything that a story can expect."""
        state = self.enrollment.state
        assert state is not None and self.now is not None
        plan = self.release.plan
        pieces = select(self.catalogues[state.release], state, self.now)
        tasks = tasks_of(state, self.enrollment.told.open, plan)
        return {
            "state": {name: stays[-1].state for name, stays in state.tracks.items()},
            "patient_state": {name: stays[-1].state for name, stays in self.view.tracks.items()},
            "outcome": result.outcome if result is not None else "",
            "waiting_for": sorted({fact for wait in state.waiting for fact in wait.missing}),
            "pieces": [] if state.ended else [selection.piece.key for selection in pieces],
            "sees": list(self.what_the_patient_sees(self.now)),
            "asks": list(self.questions(self.now)),
            "reminders": list(self.reminders),
            **how_messages_went(self.simulation.decided[self.decided_before_step :]),
            "tasks": [task.name if task.name == "tell" else task.title for task in tasks],
            "held": "true" if self.enrollment.told.open else "false",
            "ended": state.ended.trigger if state.ended else "",
        }
