"""Decides claims over all reachable configurations; engine and catalogue confirm every claim that it calls broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, partial

from journeys.analysis.paths import Path
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.proofs.exposure import Exposure, find_exposures
from journeys.analysis.proofs.follower import Follower, FollowTarget
from journeys.analysis.proofs.proof_space import LIMIT, ProofSpace, TooManyConfigurations
from journeys.analysis.proofs.reach import leading_to, surely_leading_to
from journeys.analysis.proofs.verdict import Verdict, way_in_words
from journeys.analysis.space import SpaceConfiguration, conditions_of, tracks_of, visits_in
from journeys.content.catalogue import Catalogue, Piece, Selected, find, select, world_of
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import (
    Compiled,
    DaysInState,
    DaysSince,
    Node,
    TooManyCells,
    Visits,
    World,
    compile_condition,
    parse_condition,
    walk,
)
from journeys.definition.graph import Graph, graph_of
from journeys.definition.model import ANYWHERE, NOWHERE, Journey, Mark, Property
from journeys.engine import State
from journeys.engine.machine import Release
from journeys.primitives.state_path import track_of

_TRIED = 8
#: The number of configurations, nearest first, that are tried with the engine if they seem to break a claim.

Breaks = Callable[[Set[str], World], bool]
#: Whether a claim is broken while some states are open (tracks by their names), in a world.


@dataclass(frozen=True, slots=True)
class Claim:
    """A situation that must never occur: `breaks` with the conditions it reads, and the same test for a real state.

    `states` are the states that the claim mentions.
    """

    rule: str
    words: str
    breaks: Breaks
    goal: Callable[[PathDriver], bool]
    nodes: tuple[Node, ...] = ()
    states: tuple[str, ...] = ()
    file: str = ""
    mark: Mark = NOWHERE


class Prover:
    """Proves claims about one release and its content; it keeps intermediate results.

    `limit` bounds the configurations visited for each claim.
    """

    def __init__(self, release: Release, catalogue: Catalogue, *, limit: int = LIMIT) -> None:
        self.release = release
        self.plan: ReleasePlan = release.plan
        self.journey: Journey = release.plan.journey
        self.catalogue = catalogue
        self.limit = limit
        self._spaces: dict[tuple[tuple[str, ...], tuple[tuple[str, int], ...]], ProofSpace] = {}

    @cached_property
    def graph(self) -> Graph:
        """The graph of the release."""
        return graph_of(self.plan)

    @cached_property
    def follower(self) -> Follower:
        """The follower that drives paths with the engine."""
        return Follower(self.release, self.graph)

    @cached_property
    def exposures(self) -> Mapping[str, tuple[Exposure, ...]]:
        """Every way in which each piece reaches a patient."""
        return {key: tuple(find_exposures(self.plan, piece)) for key, piece in self.catalogue.pieces.items()}

    def space(self, tracks: Set[str], counted: Mapping[str, int] | None = None) -> ProofSpace:
        """The configurations of some tracks; of the journey's first track if the set is empty."""
        names = tuple(name for name in self.plan.tracks if name in tracks) or tuple(self.plan.tracks)[:1]
        key = names, tuple((counted or {}).items())
        if key not in self._spaces:
            self._spaces[key] = ProofSpace(self.plan, names, counted, limit=self.limit)
        return self._spaces[key]

    def counting(self, space: ProofSpace) -> ProofSpace | None:
        """The same space with the visits counted that conditions of its tracks read; None if they read none."""
        counts = visits_in(condition.node for condition in conditions_of(self.plan, space.tracks))
        counted = {path: most for path, most in counts.items() if track_of(path) in space.index_of}
        return self.space(set(space.tracks), counted) if counted else None

    # --- what must never be --------------------------------------------------------------------------------

    def decide(self, claim: Claim) -> Verdict:
        """The verdict on a claim."""
        verdict = Verdict(claim.rule, claim.words, "proven", file=claim.file or self.journey.file, mark=claim.mark)
        counted = visits_in(claim.nodes)
        space = self.space(tracks_of(claim.nodes, claim.states), counted)
        try:
            breaking = self._broken(claim, space)
            count = len(space.reached)
            if not breaking:
                return replace(verdict, configurations=count)
            path = self._path(claim, space, breaking)
            counting = self.counting(space) if path is None else None
            if counting is not None:
                merged = {**counting.counted, **counted}
                space = self.space(set(space.tracks), merged)
                breaking = self._broken(claim, space)
                count = len(space.reached)
                if not breaking:
                    return replace(verdict, configurations=count)
                path = self._path(claim, space, breaking)
        except TooManyConfigurations as error:
            return replace(verdict, result="not proven", reason=f"There are {error} of its tracks.")
        except TooManyCells as error:
            return replace(verdict, result="not proven", reason=f"Its facts have {error} of values.")
        if path is None:
            reason = self._why(claim, space, breaking[0])
            return replace(verdict, result="not proven", reason=reason, configurations=count)
        return self.broken(verdict, path, count)

    def decide_each(self, claims: Iterable[Claim]) -> Verdict | None:
        """The verdict on claims that must all hold: on the first that fails, or on all; None without claims."""
        verdicts = [self.decide(claim) for claim in claims]
        count = sum(verdict.configurations for verdict in verdicts)
        worst = sorted(verdicts, key=lambda verdict: ("broken", "not proven", "proven").index(verdict.result))
        return replace(worst[0], configurations=count) if worst else None

    def by_tracks(self, exposures: Iterable[Exposure], nodes: Sequence[Node]) -> list[list[Exposure]]:
        """The exposures in groups that are decided over the same tracks."""
        groups: dict[frozenset[str], list[Exposure]] = {}
        for exposure in exposures:
            groups.setdefault(frozenset(tracks_of([*nodes, *exposure.nodes], exposure.states)), []).append(exposure)
        return list(groups.values())

    def broken(self, verdict: Verdict, path: Path, count: int) -> Verdict:
        """The verdict with its counter-example."""
        seen = tuple(sorted(selected.piece.key for selected in self.seen(self.follower.end_of(path))))
        reason = f"A patient {way_in_words(path)}; then sees {', '.join(seen) or 'nothing'}."
        return replace(verdict, result="broken", reason=reason, configurations=count, path=path, sees=seen)

    def seen(self, view: State) -> Sequence[Selected]:
        """The pieces that a told view shows."""
        return select(self.catalogue, view, view.folded_to)

    def _broken(self, claim: Claim, space: ProofSpace) -> list[SpaceConfiguration]:
        """The configurations in which some values break a claim, nearest first."""
        decided: dict[object, bool] = {}
        breaking = []
        states = frozenset(claim.states)
        for configuration in space.reached:
            places = space.places(configuration)
            key = (places & states, space.sees(claim.nodes, configuration))
            if key not in decided:
                decided[key] = any(claim.breaks(places, world) for world in space.worlds(claim.nodes, configuration))
            if decided[key]:
                breaking.append(configuration)
        return breaking

    def _path(self, claim: Claim, space: ProofSpace, breaking: Sequence[SpaceConfiguration]) -> Path | None:
        target = FollowTarget(claim.goal, claim.nodes)
        for configuration in breaking[:_TRIED]:
            path = self.follower.follow(space, space.steps_to(configuration), target, claim.words)
            if path is not None:
                return path
        return None

    def _why(self, claim: Claim, space: ProofSpace, configuration: SpaceConfiguration) -> str:
        """The reason why a claim that seems broken in a configuration may still hold."""
        where = space.in_words(configuration)
        steps = [step for step, _ in space.steps_to(configuration) if step is not None]
        parts = [part for node in claim.nodes for part in walk(node)]
        why = []
        if any(step.kind == "timer" for step in steps) or any(isinstance(part, DaysInState) for part in parts):
            why.append("a timer may fire at any time, and a stay last any time")
        if any(isinstance(part, DaysSince) for part in parts):
            why.append("any number of days may have passed since a date")
        if any(isinstance(part, Visits) for part in parts) and not space.counted:
            why.append("states may have been visited any number of times")
        if any(step.kind == "aside" for step in steps):
            why.append("tracks that it does not name may be anywhere")
        why.append("any fact may have any value at any time")
        return (
            f"It seems to fail in {where}, but no patient was found who comes to that. "
            f"It was assumed that {'; '.join(why)}."
        )

    # --- declared properties -------------------------------------------------------------------------------

    def properties(self) -> list[Verdict]:
        """The verdict on each declared property, in order."""
        return [self.property(declared) for declared in self.journey.properties]

    def property(self, declared: Property) -> Verdict:
        """The verdict on one declared property; lint has checked its names."""
        match declared.kind, declared.subject:
            case "eventually_reachable", _:
                return self.reachable(declared)
            case "always", "held":
                return self.held(declared)
            case "never", _:
                nothing = Verdict("property", declared.in_words, "proven", file=self.journey.file, mark=declared.mark)
                return self.decide_each(self._never(declared)) or replace(nothing, reason="No piece is such.")
            case _:
                return self.decide(self._always(declared))

    def _condition(self, declared: Property) -> tuple[Compiled | None, Callable[[World], bool]]:
        """The condition of a property, and a test whether the property applies to a world."""
        text = declared.when or declared.unless
        if text is None:
            return None, lambda _: True
        compiled = compile_condition(text.text, parse_condition(text.text, self.plan.scope()), self.plan.facts)
        if declared.when is not None:
            return compiled, lambda world: compiled.ask(world) is True
        return compiled, lambda world: compiled.ask(world) is not True

    def _claim(
        self,
        declared: Property,
        breaks: Breaks,
        goal: Callable[[PathDriver], bool],
        nodes: Sequence[Node],
        states: Iterable[str],
    ) -> Claim:
        condition, _ = self._condition(declared)
        own = (condition.node,) if condition is not None else ()
        return Claim(
            rule="property",
            words=declared.in_words,
            breaks=breaks,
            goal=goal,
            nodes=tuple(dict.fromkeys((*own, *nodes))),
            states=tuple(dict.fromkeys(states)),
            mark=declared.mark,
        )

    def _never(self, declared: Property) -> Iterator[Claim]:
        condition, speaks = self._condition(declared)
        if declared.subject == "state":
            state = self.state(declared.name.text)
            yield self._claim(
                declared,
                lambda places, world: state in places and speaks(world),
                lambda driver: state in places_of(driver.view) and speaks(told_world(driver.view)),
                (),
                (state,),
            )
            return
        for exposures in self.by_tracks(self.exposures_of(declared), [condition.node] if condition is not None else []):
            yield self._claim(
                declared,
                partial(_gives, exposures, speaks),
                partial(self._is_shown_where, exposures, speaks),
                [node for exposure in exposures for node in exposure.nodes],
                [state for exposure in exposures for state in exposure.states],
            )

    def _always(self, declared: Property) -> Claim:
        _, speaks = self._condition(declared)
        if declared.subject == "state":
            state = self.state(declared.name.text)
            return self._claim(
                declared,
                lambda places, world: state not in places and speaks(world),
                lambda driver: state not in places_of(driver.view) and speaks(told_world(driver.view)),
                (),
                (state,),
            )
        exposures = self.exposures_of(declared)
        keys = {exposure.piece.key for exposure in exposures}
        return self._claim(
            declared,
            lambda places, world: speaks(world) and not any(exposure.is_given(places, world) for exposure in exposures),
            lambda driver: speaks(told_world(driver.view)) and keys.isdisjoint(self.shown(driver.view, keys)),
            [node for exposure in exposures for node in exposure.nodes],
            [state for exposure in exposures for state in exposure.states],
        )

    def exposures_of(self, declared: Property) -> list[Exposure]:
        """The exposures of the pieces that a property mentions."""
        name = declared.name.text

        def is_meant(piece: Piece) -> bool:
            match declared.subject:
                case "piece":
                    return piece.key == name
                case "content_tag":
                    return name in piece.tags
                case _:
                    return piece.purpose == name

        keys = [key for key, piece in self.catalogue.pieces.items() if is_meant(piece)]
        return [exposure for key in keys for exposure in self.exposures[key]]

    def shown(self, view: State, keys: Iterable[str]) -> set[str]:
        """The pieces, of some, that a told view shows or that were sent in its stays."""
        return {key for key in keys if find(self.catalogue, view, view.folded_to, key) is not None}

    def _is_shown_where(
        self, exposures: Sequence[Exposure], speaks: Callable[[World], bool], driver: PathDriver
    ) -> bool:
        return speaks(told_world(driver.view)) and self.is_shown(driver.view, exposures)

    def is_shown(self, view: State, exposures: Iterable[Exposure]) -> bool:
        """Whether a told view shows one of some pieces, or a timer of its stays sent one."""
        return bool(self.shown(view, {exposure.piece.key for exposure in exposures}))

    def state(self, written: str) -> str:
        """The full path of a state; lint has checked that it exists."""
        full = self.journey.resolve_state(written)
        assert full is not None
        return full

    # --- told before it is shown ---------------------------------------------------------------------------

    def held(self, declared: Property) -> Verdict:
        """The verdict on whether every entry into a state begins a hold."""
        state = self.state(declared.name.text)
        verdict = Verdict("property", declared.in_words, "proven", file=self.journey.file, mark=declared.mark)
        if self.plan.states[state].hold is not None:
            reason = "It declares 'hold_until', and the engine keeps the view until that is told."
            return replace(verdict, reason=reason)
        space = self.space(tracks_of((), (state,)))
        try:
            for before in space.reached:
                for step in space.steps(before):
                    if state in space.places(step.after) and state not in space.places(before):
                        steps = [*space.steps_to(before), (step, step.after)]
                        target = FollowTarget(lambda driver: state in places_of(driver.view))
                        path = self.follower.follow(space, steps, target, declared.in_words)
                        if path is not None:
                            return self.broken(verdict, path, len(space.reached))
        except TooManyConfigurations as error:
            return replace(verdict, result="not proven", reason=f"There are {error} of its track.")
        except TooManyCells as error:
            return replace(verdict, result="not proven", reason=f"Its facts have {error} of values.")
        reason = f"'{state}' declares no 'hold_until', but no way was found on which it is shown untold."
        return replace(verdict, result="not proven", reason=reason, configurations=len(space.reached))

    # --- what can still be reached -------------------------------------------------------------------------

    def reachable(self, declared: Property) -> Verdict:
        """The verdict on whether the target can be reached from every relevant configuration."""
        verdict = Verdict("property", declared.in_words, "proven", file=self.journey.file, mark=declared.mark)
        start = None if declared.start is None or declared.start.text == ANYWHERE else self.state(declared.start.text)
        if declared.subject == "state":
            state = self.state(declared.name.text)
            exposures: list[Exposure] = []
            states = [state]
        else:
            state = ""
            exposures = self.exposures_of(declared)
            states = [state_name for exposure in exposures for state_name in exposure.states]
        nodes = [node for exposure in exposures for node in exposure.nodes]
        space = self.space(tracks_of(nodes, [*states, *([start] if start else [])]))

        def is_there(configuration: SpaceConfiguration) -> bool:
            places = space.places(configuration)
            if state:
                return state in places
            return any(
                exposure.is_given(places, world)
                for exposure in exposures
                for world in space.worlds(nodes, configuration)
            )

        try:
            targets = {configuration for configuration in space.reached if is_there(configuration)}
            starts = [
                configuration
                for configuration in space.reached
                if start is None or start in space.places(configuration)
            ]
            leading = leading_to(space, targets)
            lost = [configuration for configuration in starts if configuration not in leading]
            count = len(space.reached)
            for configuration in lost[:_TRIED]:
                target = FollowTarget(lambda driver: not driver.news)
                path = self.follower.follow(space, space.steps_to(configuration), target, declared.in_words)
                if path is not None:
                    broken = self.broken(verdict, path, count)
                    where = space.in_words(configuration)
                    reason = f"A patient {way_in_words(path)}; from {where} nothing leads to it any more."
                    return replace(broken, reason=reason)
            sure = surely_leading_to(space, targets)
            unsure = lost or [configuration for configuration in starts if configuration not in sure]
        except TooManyConfigurations as error:
            return replace(verdict, result="not proven", reason=f"There are {error} of its tracks.")
        except TooManyCells as error:
            return replace(verdict, result="not proven", reason=f"Its facts have {error} of values.")
        if not unsure:
            return replace(verdict, configurations=count)
        where = space.in_words(unsure[0])
        reason = (
            f"From {where} it depends on timers, visits or what was told before, all of which are taken as anything."
            if not lost
            else f"From {where} nothing seems to lead to it, but no patient was found who reaches it."
        )
        return replace(verdict, result="not proven", reason=reason, configurations=count)


def _gives(exposures: Sequence[Exposure], speaks: Callable[[World], bool], places: Set[str], world: World) -> bool:
    return speaks(world) and any(exposure.is_given(places, world) for exposure in exposures)


def told_world(view: State) -> World:
    """The world that conditions read in a told view."""
    return world_of(view, view.folded_to)


def places_of(view: State) -> set[str]:
    """The full paths of the states open in a view."""
    return {f"{track}.{stay.state}" for track, stays in view.tracks.items() for stay in stays}
