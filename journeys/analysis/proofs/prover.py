"""Decides claims over all reachable configurations; engine and catalogue confirm every claim that it calls broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from journeys.analysis.paths import Path
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.proofs.exposure import Exposure, find_exposures
from journeys.analysis.proofs.follower import Follower, FollowTarget
from journeys.analysis.proofs.proof_space import LIMIT, ProofSpace, TooManyConfigurations
from journeys.analysis.proofs.verdict import Verdict, way_in_words
from journeys.analysis.space import SpaceConfiguration, conditions_of, tracks_of, visits_in
from journeys.content.catalogue import Catalogue, Selected, find, select, world_of
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import (
    DaysInState,
    DaysSince,
    Node,
    TooManyCells,
    Visits,
    World,
    walk,
)
from journeys.definition.graph import Graph, graph_of
from journeys.definition.model import NOWHERE, TOPIC_ASKED, Journey, Mark
from journeys.engine import State
from journeys.engine.machine import Release
from journeys.primitives.state_path import track_of

TRIED = 8
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
        return {key: tuple(find_exposures(self.plan, piece)) for key, piece in self.catalogue.pages.items()}

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
        view = self.follower.end_of(path)
        seen = tuple(sorted(selected.piece.key for selected in select(self.catalogue, view, view.folded_to)))
        asked = sorted({selected.piece.key for selected in self.seen(view)} - set(seen))
        reason = f"A patient {way_in_words(path)}; then sees {', '.join(seen) or 'nothing'}."
        reason += f" On request, {', '.join(asked)}." if asked else ""
        return replace(verdict, result="broken", reason=reason, configurations=count, path=path, sees=seen)

    def seen(self, view: State) -> Sequence[Selected]:
        """The pieces that a told view shows to a patient who asked for every topic."""
        return select(self.catalogue, self._asking(view), view.folded_to)

    def _broken(self, claim: Claim, space: ProofSpace) -> list[SpaceConfiguration]:
        """The configurations in which some values break a claim, nearest first."""
        decided: dict[object, bool] = {}
        breaking = []
        states, sight = frozenset(claim.states), space.sight(claim.nodes)
        for configuration in space.reached:
            places = space.places(configuration)
            key = (places & states, space.sees(sight, configuration))
            if key not in decided:
                decided[key] = any(claim.breaks(places, world) for world in space.worlds(claim.nodes, configuration))
            if decided[key]:
                breaking.append(configuration)
        return breaking

    def _path(self, claim: Claim, space: ProofSpace, breaking: Sequence[SpaceConfiguration]) -> Path | None:
        target = FollowTarget(claim.goal, claim.nodes)
        for configuration in breaking[:TRIED]:
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

    def shown(self, view: State, keys: Iterable[str]) -> set[str]:
        """The pieces, of some, that a told view shows or that were sent in its stays."""
        asking = self._asking(view)
        return {key for key in keys if find(self.catalogue, asking, view.folded_to, key) is not None}

    def _asking(self, view: State) -> State:
        """A told view of a patient who asked for every topic, so that nothing is hidden."""
        return replace(view, topics=dict.fromkeys(self.journey.topics, TOPIC_ASKED))

    def is_shown(self, view: State, exposures: Iterable[Exposure]) -> bool:
        """Whether a told view shows one of some pieces, or a timer of its stays sent one."""
        return bool(self.shown(view, {exposure.piece.key for exposure in exposures}))


def told_world(view: State) -> World:
    """The world that conditions read in a told view."""
    return world_of(view, view.folded_to)


def places_of(view: State) -> set[str]:
    """The full paths of the states open in a view."""
    return {f"{track}.{stay.state}" for track, stays in view.tracks.items() for stay in stays}
