"""Compiles a journey without lint errors into a release plan: names resolved, conditions parsed, entries worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from journeys.definition.conditions import Compiled, ConditionError, Node, Scope, compile_condition, parse_condition
from journeys.definition.facts import FactType
from journeys.definition.model import RAISED, STAY, Hold, Journey, StateDefinition, Task, Text, Timer, Track, Transition
from journeys.definition.questions import declared_questions
from journeys.definition.surveys import Survey
from journeys.primitives.canonical import ids_of
from journeys.primitives.durations import Duration, parse_duration
from journeys.primitives.state_path import chain_of, depth_of, is_within

#: The version of the engine's rules (fold.md); a release keeps the version under which it was published.
RULES_VERSION = 2
#: Under version 1 an event did not wait for the facts that its trigger requires; it only made them unknown.


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task ready to open; it is due `within` after it was opened."""

    title: str
    assignee: str
    within: Duration
    closed_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class StatePlan:
    """The consequences of entering and staying in one state; `depth` counts from 1 at the top.

    `entered` is the trigger that an entry raises; `stay_id` gives the id of the stay that a cause begins; `closing` are
    the triggers that close a task of the state or of one of its timers.
    """

    track: str
    path: str
    full: str
    entered: str
    stay_id: Callable[[str], str]
    depth: int
    timers: tuple[TimerPlan, ...]
    task: TaskPlan | None
    forget: tuple[str, ...]
    hold: Hold | None
    tags: tuple[str, ...]
    closing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One declared transition of the state at `depth`: the number of outer stays it keeps and the states it enters.

    `enters` is None for `stay`.
    """

    declared_by: str
    depth: int
    condition: Compiled | None
    otherwise: bool
    order: int | None
    keeps: int = 0
    enters: tuple[StatePlan, ...] | None = None

    @property
    def leaf(self) -> str | None:
        """The path of the state it leads to, or None for `stay`."""
        return self.enters[-1].path if self.enters else None


@dataclass(frozen=True, slots=True)
class TimerPlan:
    """A timer of a state; `trigger` is the name of its transition in the machine."""

    name: str
    delay: Duration
    start: str | None
    when: Compiled | None
    to: str | None
    remind: str | None
    task: TaskPlan | None
    trigger: str


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One track: `handlers` gives, by state path and trigger, the candidates in the order they are asked.

    `triggers` are those that some state of the track declares.
    """

    name: str
    index: int
    states: Mapping[str, StatePlan]
    leaves: tuple[str, ...]
    initial: tuple[StatePlan, ...]
    handlers: Mapping[tuple[str, str], tuple[Candidate, ...]]
    triggers: frozenset[str]
    declared: Track
    _chains: dict[str, tuple[StatePlan, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def chain(self, path: str) -> tuple[StatePlan, ...]:
        """The states from the outermost around `path` down to it and on through `initial`."""
        chain = self._chains.get(path)
        if chain is None:
            chain = self._chains[path] = tuple([self.states[state] for state in entry_chain(self.declared, path)])
        return chain


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """When a survey comes: in which states (full paths), on which condition, and again after which time.

    `task` is opened when it is finished; `piece` is shown from then on. `is_held`: whether all of its states are held.
    """

    states: frozenset[str]
    when: Compiled | None
    again: Duration | None
    task: TaskPlan | None
    piece: str | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """A compiled journey, which the engine and the renderers read. `id` is the digest of its definition.

    `disclosures` are the tasks to tell the patient, by the full path of a held state and the name of a held fact.
    `dated_timers` lists, by fact, the states with a timer that counts from the fact; `closing` lists, by trigger, the
    states with a task that the trigger closes. `heard` are the entries (`entered.<track>.<state>`) to which some track
    reacts. `tellings` are the triggers that tell what is held; `opens` are, by such a trigger, the held facts that
    patients may be asked for once it was reported.

    By trigger, `requires` are the facts declared so, `resets` those that its events make unknown if they do not bring
    them, `awaited` those without which its events wait. An end waits for nothing. Under rules 1 `requires` only resets.
    `thanked` lists, by piece, the surveys after which it is shown.
    """

    id: str
    journey: Journey
    facts: Mapping[str, FactType]
    conditions: Mapping[str, Node]
    tracks: Mapping[str, TrackPlan]
    ranks: Mapping[str, int]
    requires: Mapping[str, frozenset[str]]
    resets: Mapping[str, frozenset[str]]
    awaited: Mapping[str, frozenset[str]]
    ends: frozenset[str]
    held_facts: Mapping[str, Hold]
    disclosures: Mapping[str, TaskPlan]
    dated_timers: Mapping[str, frozenset[str]]
    closing: Mapping[str, frozenset[str]]
    heard: frozenset[str]
    tellings: frozenset[str]
    opens: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rules: int = RULES_VERSION
    states: Mapping[str, StatePlan] = field(default_factory=dict)
    surveys: Mapping[str, SurveyPlan] = field(default_factory=dict)
    thanked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def scope(self, track: str | None = None, *, stay: bool = False) -> Scope:
        """The names that a condition may use in a track."""
        return condition_scope(self.journey, self.conditions, track, stay=stay)

    @property
    def last_rank(self) -> int:
        """The rank of a trigger that the release does not know."""
        return len(self.ranks)


def compile_journey(journey: Journey, rules: int = RULES_VERSION) -> ReleasePlan:
    """The release of a journey without errors, under a version of the engine's rules.

    Raises:
        ConditionError, KeyError, ValueError: for a journey that lint would have refused.
    """
    conditions = compile_conditions(journey)
    tracks = {
        track.name: _Compiler(journey, conditions, track).track(index)
        for index, track in enumerate(journey.tracks.values())
    }
    states = {state.full: state for track in tracks.values() for state in track.states.values()}
    triggers = {**journey.triggers, **journey.ends}
    waits = rules > 1
    held_facts = {name: fact.hold for name, fact in journey.facts.items() if fact.hold is not None}
    holds = {**held_facts, **{full: state.hold for full, state in states.items() if state.hold is not None}}
    surveys = {key: _survey(journey, conditions, survey) for key, survey in journey.surveys.items()}
    return ReleasePlan(
        id=journey.digest,
        journey=journey,
        facts=journey.fact_types,
        conditions=conditions,
        tracks=tracks,
        ranks={name: rank for rank, name in enumerate(triggers)},
        requires={name: names_of(trigger.requires) for name, trigger in triggers.items()},
        resets={
            name: names_of(trigger.resets if waits else (*trigger.resets, *trigger.requires))
            for name, trigger in triggers.items()
        },
        awaited={
            name: names_of(trigger.requires) for name, trigger in journey.triggers.items() if waits and trigger.requires
        },
        ends=frozenset(journey.ends),
        held_facts=held_facts,
        disclosures={name: disclosure_of(hold) for name, hold in holds.items()},
        dated_timers=_states_by(states, lambda state: {timer.start for timer in state.timers if timer.start}),
        closing=_states_by(states, lambda state: state.closing),
        heard=frozenset(name for track in tracks.values() for name in track.triggers if name.startswith(RAISED)),
        tellings=frozenset(hold.trigger for hold in holds.values()),
        opens=_opened_questions(journey, held_facts),
        states=states,
        rules=rules,
        surveys=surveys,
        thanked={
            piece: tuple(key for key, survey in surveys.items() if survey.piece == piece)
            for piece in sorted({survey.piece for survey in surveys.values() if survey.piece is not None})
        },
    )


def _opened_questions(journey: Journey, held_facts: Mapping[str, Hold]) -> dict[str, frozenset[str]]:
    """By telling trigger, its held facts that patients may tell and that a question asks for."""
    asked = {fact for question in declared_questions(journey) for fact in question.facts}
    opens: dict[str, set[str]] = {}
    for name, hold in held_facts.items():
        if name in asked and "patient" in journey.facts[name].by:
            opens.setdefault(hold.trigger, set()).add(name)
    return {trigger: frozenset(names) for trigger, names in opens.items()}


def names_of(texts: Iterable[Text]) -> frozenset[str]:
    """The names in a list of the definition, without their positions."""
    return frozenset(text.text for text in texts)


def disclosure_of(hold: Hold) -> TaskPlan:
    """The task to tell the patient what a hold withholds."""
    return TaskPlan("Tell the patient", hold.assignee, parse_duration(hold.within), frozenset())


def _states_by(
    states: Mapping[str, StatePlan], names: Callable[[StatePlan], Iterable[str]]
) -> dict[str, frozenset[str]]:
    """The full paths of the states, by each name that they give."""
    readers: dict[str, set[str]] = {}
    for full, state in states.items():
        for name in names(state):
            readers.setdefault(name, set()).add(full)
    return {name: frozenset(paths) for name, paths in readers.items()}


def condition_scope(
    journey: Journey, conditions: Mapping[str, Node], track: str | None = None, *, stay: bool = False
) -> Scope:
    """The names that a condition may use at one position of a journey."""
    return Scope(
        facts=journey.fact_types,
        conditions=conditions,
        resolve_state=lambda written: journey.resolve_state(written, track),
        state_paths=journey.state_paths,
        stay=stay,
    )


def compile_conditions(journey: Journey) -> dict[str, Node]:
    """The named conditions, each seeing those declared before it.

    Raises:
        ConditionError: for the first condition that does not parse.
    """
    conditions: dict[str, Node] = {}
    for name, text in journey.conditions.items():
        conditions[name] = parse_condition(text.text, condition_scope(journey, conditions, stay=True))
    return conditions


def entry_chain(track: Track, path: str) -> tuple[str, ...]:
    """The paths entered on the way to `path` from the top, and on through `initial`."""
    chain = list(chain_of(path))
    state = track.states[path]
    while state.children:
        assert state.initial is not None
        path = f"{path}.{state.initial.text}"
        state = track.states[path]
        chain.append(path)
    return tuple(chain)


def kept_depth(declared_by: str, target: str, reenter: bool) -> int:
    """The number of outermost stays that a transition keeps (fold.md, section 5)."""
    if target != declared_by and is_within(target, declared_by) and not reenter:
        return depth_of(declared_by)
    common = 0
    for ours, theirs in zip(chain_of(declared_by)[:-1], chain_of(target)[:-1], strict=False):
        if ours != theirs:
            break
        common += 1
    return common


class _Compiler:
    """Compiles one track."""

    def __init__(self, journey: Journey, conditions: Mapping[str, Node], track: Track) -> None:
        self.journey = journey
        self.track_model = track
        self.scope = condition_scope(journey, conditions, track.name, stay=True)
        self.kinds = journey.fact_types

    def track(self, index: int) -> TrackPlan:
        track = self.track_model
        states = {path: self.state(state) for path, state in track.states.items()}
        handlers: dict[tuple[str, str], tuple[Candidate, ...]] = {}
        for state in track.states.values():
            for trigger in state.triggers:
                siblings = state.asked_on(trigger)
                handlers[state.path, trigger] = tuple(self.candidate(state, sibling, states) for sibling in siblings)
            for timer, plan in zip(state.after, states[state.path].timers, strict=True):
                if timer.to is not None:
                    move = Transition(plan.trigger, timer.to)
                    handlers[state.path, plan.trigger] = (self.candidate(state, move, states),)
        assert track.initial is not None
        return TrackPlan(
            name=track.name,
            index=index,
            states=states,
            leaves=track.leaves,
            initial=tuple(states[path] for path in entry_chain(track, track.initial.text)),
            handlers=handlers,
            triggers=frozenset(trigger for _, trigger in handlers),
            declared=track,
        )

    def state(self, state: StateDefinition) -> StatePlan:
        timers = tuple(self.timer(state, index, timer) for index, timer in enumerate(state.after))
        task = _task(state.task)
        tasks = [task_plan for task_plan in (task, *(timer.task for timer in timers)) if task_plan is not None]
        return StatePlan(
            track=self.track_model.name,
            path=state.path,
            full=f"{self.track_model.name}.{state.path}",
            entered=f"{RAISED}{self.track_model.name}.{state.path}",
            stay_id=ids_of("stay", self.track_model.name, state.path),
            depth=state.path.count(".") + 1,
            timers=timers,
            task=task,
            forget=tuple(fact.text for fact in state.forget),
            hold=state.hold,
            tags=state.tags,
            closing=frozenset[str]().union(*(task_plan.closed_by for task_plan in tasks)),
        )

    def timer(self, state: StateDefinition, index: int, timer: Timer) -> TimerPlan:
        return TimerPlan(
            name=timer.name,
            delay=timer.duration,
            start=timer.start,
            when=self.condition(timer.when),
            to=timer.to,
            remind=timer.remind,
            task=_task(timer.task),
            trigger=f"after.{state.path}.{index}",
        )

    def candidate(self, state: StateDefinition, transition: Transition, states: Mapping[str, StatePlan]) -> Candidate:
        depth = state.path.count(".") + 1
        condition = self.condition(transition.when)
        if transition.to == STAY:
            return Candidate(state.path, depth, condition, transition.otherwise, transition.order)
        target = self.track_model.resolve(transition.to, state.path)
        if target is None:
            raise KeyError(transition.to)
        keeps = kept_depth(state.path, target, transition.reenter)
        enters = tuple(states[path] for path in entry_chain(self.track_model, target)[keeps:])
        return Candidate(state.path, depth, condition, transition.otherwise, transition.order, keeps, enters)

    def condition(self, text: Text | None) -> Compiled | None:
        if text is None:
            return None
        return compile_condition(text.text, parse_condition(text.text, self.scope), self.kinds)


def _task(task: Task | None) -> TaskPlan | None:
    if task is None:
        return None
    closing = frozenset(trigger.text for trigger in task.closed_by)
    return TaskPlan(task.title, task.assignee, parse_duration(task.within), closing)


def _survey(journey: Journey, conditions: Mapping[str, Node], survey: Survey) -> SurveyPlan:
    when = None
    if survey.when is not None:
        node = parse_condition(survey.when.text, condition_scope(journey, conditions, stay=True))
        when = compile_condition(survey.when.text, node, journey.fact_types)
    states = frozenset(full for text in survey.show_in if (full := journey.resolve_state(text.text)) is not None)
    return SurveyPlan(
        states=states,
        when=when,
        again=parse_duration(survey.again) if survey.again is not None else None,
        task=_task(survey.thanks.task),
        piece=survey.thanks.piece.text if survey.thanks.piece is not None else None,
        is_held=all(_is_held(journey, full) for full in states),
    )


def _is_held(journey: Journey, full: str) -> bool:
    track, _, path = full.partition(".")
    return any(journey.tracks[track].states[state].hold is not None for state in chain_of(path))


__all__ = [
    "RULES_VERSION",
    "Candidate",
    "ConditionError",
    "ReleasePlan",
    "StatePlan",
    "SurveyPlan",
    "TaskPlan",
    "TimerPlan",
    "TrackPlan",
    "compile_conditions",
    "compile_journey",
    "condition_scope",
    "disclosure_of",
    "entry_chain",
    "kept_depth",
]
