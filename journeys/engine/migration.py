"""Migrates an enrollment from one release to another, as an event of the fold (fold.md, section 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from journeys.definition.compiler import ReleasePlan, TrackPlan
from journeys.definition.facts import Value
from journeys.definition.model import Hold
from journeys.engine.configuration import Configuration, is_brought_by_others, news_of_fact
from journeys.engine.events import Event
from journeys.engine.machine import Release
from journeys.engine.results import Move
from journeys.engine.state import Stay
from journeys.primitives.state_path import StateMap, StatePath, is_within, targets_in, track_of


@dataclass(frozen=True, slots=True)
class Unlearned:
    """A fact that the release in force at its event's time did not declare.

    `item` numbers the event in the fold; `earlier_news` is the number of news that had begun before it.
    """

    event: Event
    item: int
    name: str
    value: Value
    earlier_news: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    """A leaf that goes to a target, and the stays that continue on the path to it, by state.

    `is_beside`: another target, in another track, has kept the leaf's stay.
    """

    leaf: Stay
    target: str
    kept: Mapping[str, Stay]
    is_beside: bool


def what_is_known(
    plan: ReleasePlan, event: Event, item: int, earlier_news: int
) -> tuple[dict[str, Value], list[Unlearned]]:
    """The facts of an event that a release declares, by name and value, and the others."""
    known_facts: dict[str, Value] = {}
    unknown: list[Unlearned] = []
    for name, value in event.facts.items():
        if knows(plan, name, value):
            known_facts[name] = value
        else:
            unknown.append(Unlearned(event, item, name, value, earlier_news))
    return known_facts, unknown


def knows(plan: ReleasePlan, name: str, value: Value) -> bool:
    """Whether a release declares a fact and its type accepts the value."""
    kind = plan.facts.get(name)
    return kind is not None and kind.has(value)


def targets_of(mapping: StateMap, full: str, plan: ReleasePlan) -> list[str]:
    """The targets in the new release of a state (`track.path`) of the old one, at most one a track, its own first."""
    by_track: dict[str, str] = {}
    for state in targets_in(mapping, full):
        if state in plan.states:
            by_track.setdefault(track_of(state), state)
    if not by_track:
        return [full] if full in plan.states else []
    return sorted(by_track.values(), key=lambda state: track_of(state) != track_of(full))


def migrate(
    config: Configuration,
    release: Release,
    event: Event,
    unlearned: Sequence[Unlearned],
    is_untold: Callable[[str, Hold], bool],
) -> list[Move]:
    """Migrates the configuration to another release, and returns the transitions that this causes.

    `is_untold` says whether news about a fact may not be shown: then the fact is not learned.
    """
    mapping: StateMap = event.data["map"]
    plan = release.plan
    old = config.tracks
    visits: dict[str, int] = {}
    for full, count in config.visits.items():
        for target in targets_of(mapping, full, plan):
            visits[target] = visits.get(target, 0) + count
    config.visits.clear()
    config.visits.update(visits)
    config.places.clear()
    config.release = release
    for name in [name for name, fact in config.told.items() if not knows(plan, name, fact.value)]:
        del config.told[name], config.values[name]
    config.discussed &= frozenset[str]().union(*plan.opens.values())
    latest = {late.name: late for late in unlearned if knows(plan, late.name, late.value)}
    for late in latest.values():
        _learn_late(config, late, is_untold)
    sources = _sources(old, mapping, plan)
    config.tracks = {}
    moves: list[Move] = []
    for track in plan.tracks.values():
        config.tracks[track.name] = []
        if track.name in sources:
            _go_on(config, track, sources[track.name], event.uid)
        else:
            for state in track.initial:
                config.begin(state, event.uid)
        start = old[track.name][-1].state if track.name in old else None
        end = config.tracks[track.name][-1].state
        if end != start:
            moves.append(Move(track.name, start, end, "migrated"))
    return moves


def _learn_late(config: Configuration, late: Unlearned, is_untold: Callable[[str, Hold], bool]) -> None:
    """Learns a fact that only the new release declares, and begins its hold unless its own event told it."""
    event, hold = late.event, config.release.plan.held_facts.get(late.name)
    if config.is_superseded(late.name, late.item):
        return
    is_told = hold is not None and (event.told or event.type == hold.trigger)
    if is_told and is_brought_by_others(late.value, event):
        config.tell_own(late.name, event.uid, late.earlier_news)
    if hold is not None and not is_told and config.is_held(late.name, late.value, event):
        config.hold_fact(late.name, event)
        if is_untold(news_of_fact(late.name, event), hold):
            return
    config.learn_late(late.name, late.value, event, late.item)


def _sources(old: Mapping[str, list[Stay]], mapping: StateMap, plan: ReleasePlan) -> dict[str, _Source]:
    """By track of the new release, the leaf that goes into it."""
    targets = {
        name: [StatePath.parse(full) for full in targets_of(mapping, f"{name}.{stays[-1].state}", plan)]
        for name, stays in old.items()
    }
    own = [(states[0], name) for name, states in targets.items() if states]
    others = [(state, name) for name, states in targets.items() for state in states[1:]]
    chosen: dict[str, str] = {}  # by new track, the old track whose leaf goes into it
    for state, name in sorted([*own, *others], key=lambda pair: pair[0].track != pair[1]):
        chosen.setdefault(state.track, name)
    sources: dict[str, _Source] = {}
    for name, states in targets.items():
        left = {stay.state: stay for stay in old[name]}
        for state in states:
            if chosen[state.track] == name:
                sources[state.track] = _keep_stays(plan.tracks[state.track], state.path, old[name][-1], left)
    return sources


def _keep_stays(track: TrackPlan, target: str, leaf: Stay, left: dict[str, Stay]) -> _Source:
    """The stays that the path to a target keeps, by its states; they are taken out of those that are `left`."""
    is_beside = leaf.state not in left
    kept = {state.path: left.pop(state.path) for state in track.chain(target) if state.path in left}
    if target not in kept and leaf.state in left:
        kept[target] = left.pop(leaf.state)
    return _Source(leaf, target, kept, is_beside)


def _go_on(config: Configuration, track: TrackPlan, source: _Source, cause: str) -> None:
    """Opens the stays that continue in a track, and begins the new stays on the way to the target."""
    leaf, target = source.leaf, source.target
    for state in track.chain(target):
        if state.path in source.kept:
            config.keep(state, source.kept[state.path])
        elif state.path == target and source.is_beside:
            config.begin_beside(state, cause, leaf)
        elif is_within(target, state.path):
            config.begin(state, cause, since=leaf.since, day=leaf.day)
        else:
            config.begin(state, cause)
