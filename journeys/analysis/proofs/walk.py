"""From a way through configurations to a dated path of one patient, which the real engine has gone; or to nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from journeys.analysis.paths import BEGINS, Graph, Path, PathEvent, replay
from journeys.analysis.paths.choices import any_value, reporter, tellings, whole_groups
from journeys.analysis.paths.search import conditions_met, tell_holds
from journeys.analysis.paths.walk import Place, Walker
from journeys.analysis.proofs.space import Configuration, Space, Step
from journeys.definition.conditions import Node, TooManyCells, facts_read
from journeys.engine.machine import Release

_KEPT = 40
#: How many places are kept after each step.

_WAITS = 12
#: How many timers may pass while one is waited for.

Goal = Callable[[Place], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a path must come to: a place for which the goal holds; `asks` are the conditions that the goal reads."""

    goal: Goal
    asks: tuple[Node, ...] = ()


class Follower:
    """Goes the ways that a space found, with the engine."""

    def __init__(self, release: Release, graph: Graph) -> None:
        self.plan = release.plan
        self.graph = graph
        self.walker = Walker(release, graph)

    def follow(
        self, space: Space, way: Sequence[tuple[Step | None, Configuration]], wanted: Wanted, name: str
    ) -> Path | None:
        """A path along that way which comes to what is wanted, replayed; None where none was found."""
        start = way[0][1]
        level = [one for one in self._beginnings(wanted) if self._is_at(one, space, start)]
        for step, configuration in way[1:]:
            assert step is not None
            found: dict[Hashable, Place] = {}
            for place in level:
                for after in self._after(place, step, wanted):
                    if self._is_at(after, space, configuration):
                        found.setdefault(self._key(after, wanted), after)
                if len(found) >= _KEPT:
                    break
            level = list(found.values())[:_KEPT]
            if not level:
                return None
        return self._finish(level, space, way[-1][1], wanted, name)

    def end_of(self, path: Path) -> Place:
        """Where a path comes to."""
        replayed = replay(self.walker.release, self.graph, path)
        return Place(replayed.state, path.until, ())

    def _finish(self, level: list[Place], space: Space, end: Configuration, wanted: Wanted, name: str) -> Path | None:
        """At the end of the way: at once, or once what is held was told, some facts were, or some time has passed."""
        seen: set[Hashable] = set()
        for _ in range(3):
            following: dict[Hashable, Place] = {}
            for place in level:
                if wanted.goal(place):
                    path = self.walker.path_to(place, name)
                    if path is not None:
                        return path
                seen.add(self._key(place, wanted))
            for place in level:
                for after in self._nearby(place, wanted):
                    key = self._key(after, wanted)
                    if key not in seen and self._is_at(after, space, end):
                        following.setdefault(key, after)
                if len(following) >= _KEPT * 2:
                    break
            level = list(following.values())
        for place in level:
            if wanted.goal(place):
                return self.walker.path_to(place, name)
        return None

    # --- steps ---------------------------------------------------------------------------------------------

    def _beginnings(self, wanted: Wanted) -> Iterator[Place]:
        for entry, _ in self.graph.beginnings():
            declared = self.plan.journey.entries.get(entry) if entry is not None else None
            asked = {
                one.text: any_value(self.plan.facts[one.text], BEGINS) for one in (declared.asks if declared else ())
            }
            yield self.walker.begin(entry, {}, BEGINS)
            if asked:
                yield self.walker.begin(entry, whole_groups(self.plan, asked, BEGINS), BEGINS)

    def _after(self, place: Place, step: Step, wanted: Wanted) -> Iterator[Place]:
        for start in (place, tell_holds(self.walker, place)):
            if start is None:
                continue
            match step.kind:
                case "event":
                    yield from self._reported(start, step.trigger, wanted)
                case "timer":
                    yield from self._waited(start)
                case _:
                    return

    def _reported(self, place: Place, trigger: str, wanted: Wanted) -> Iterator[Place]:
        at = self.walker.soon(place)
        required = {name: any_value(self.plan.facts[name], at) for name in sorted(self.plan.requires[trigger])}
        met = list(conditions_met(self.plan, place.state, trigger))
        for asks in ([*met, *wanted.asks], met) if wanted.asks else (met,):
            try:
                for told in tellings(asks, self.plan.facts, at):
                    facts = whole_groups(self.plan, {**required, **told}, at)
                    by = reporter(self.plan, trigger, facts)
                    after = self.walker.report(place, PathEvent(at, trigger, by, facts)) if by is not None else None
                    if after is not None:
                        yield after
            except TooManyCells:
                continue

    def _waited(self, place: Place) -> Iterator[Place]:
        for _ in range(_WAITS):
            due = place.state.next_due_at
            if due is None:
                return
            place = self.walker.wait(place, due)
            yield place

    def _nearby(self, place: Place, wanted: Wanted) -> Iterator[Place]:
        told = tell_holds(self.walker, place)
        if told is not None:
            yield told
        for trigger in self.plan.journey.triggers if any(facts_read(node) for node in wanted.asks) else ():
            yield from self._reported(place, trigger, wanted)
        yield from self._waited(place)

    # --- where ---------------------------------------------------------------------------------------------

    def _is_at(self, place: Place, space: Space, one: Configuration) -> bool:
        return place.state.ended is None and all(
            place.state.tracks[name][-1].state == leaf for name, leaf in zip(space.tracks, one.leaves, strict=True)
        )

    def _key(self, place: Place, wanted: Wanted) -> Hashable:
        state = place.state
        asked = sorted({name for node in wanted.asks for name in facts_read(node)})
        facts = tuple(repr(state.facts[name].value) if name in state.facts else "" for name in asked)
        fired = tuple(one.name for stays in state.tracks.values() for stay in stays for one in stay.fired if one.took)
        return place.leaves, facts, len(state.holds), tuple(sorted(state.visits.items())), fired
