"""Decides the properties that a journey declares, each as a claim or by a search of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import partial

from journeys.analysis.paths import Path
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.proofs.exposure import Exposure
from journeys.analysis.proofs.follower import FollowTarget
from journeys.analysis.proofs.proof_space import ProofSpace, TooManyConfigurations
from journeys.analysis.proofs.prover import TRIED, Breaks, Claim, Prover, places_of, told_world
from journeys.analysis.proofs.reach import leading_to, surely_leading_to
from journeys.analysis.proofs.tasks import without_task
from journeys.analysis.proofs.verdict import Verdict, way_in_words
from journeys.analysis.space import SpaceConfiguration, tracks_of
from journeys.content.catalogue import Piece, Selected, prints_partial, prints_value
from journeys.definition.conditions import Compiled, Node, TooManyCells, World, compile_condition, parse_condition
from journeys.definition.model import ANYWHERE, Property


class PropertyProver(Prover):
    """A prover of the declared properties too."""

    def properties(self) -> list[Verdict]:
        """The verdict on each declared property, in order."""
        return [self.property(declared) for declared in self.journey.properties]

    def property(self, declared: Property) -> Verdict:
        """The verdict on one declared property; lint has checked its names."""
        verdict = Verdict("property", declared.in_words, "proven", file=self.journey.file, mark=declared.mark)
        try:
            match declared.kind, declared.subject:
                case "eventually_reachable", _:
                    return self._reachable(declared, verdict)
                case "always", "held":
                    return self._held(declared, verdict)
                case "always", "task_for":
                    return self._task_for(declared, verdict)
                case "always", "first":
                    return self.decide(self._first(declared))
                case "never", _:
                    nothing = replace(verdict, reason="No piece is such.")
                    return self.decide_each(self._never(declared)) or nothing
                case _:
                    return self.decide(self._always(declared))
        except TooManyConfigurations as error:
            return replace(verdict, result="not proven", reason=f"There are {error} of its tracks.")
        except TooManyCells as error:
            return replace(verdict, result="not proven", reason=f"Its facts have {error} of values.")

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
        exposures = [exposure for exposure in self.exposures_of(declared) if not exposure.piece.may_be_declined]
        keys = {exposure.piece.key for exposure in exposures}
        return self._claim(
            declared,
            lambda places, world: speaks(world) and not any(exposure.is_given(places, world) for exposure in exposures),
            lambda driver: speaks(told_world(driver.view)) and keys.isdisjoint(self.shown(driver.view, keys)),
            [node for exposure in exposures for node in exposure.nodes],
            [state for exposure in exposures for state in exposure.states],
        )

    def _first(self, declared: Property) -> Claim:
        """The claim that a piece is shown, and none above it."""
        _, speaks = self._condition(declared)
        name = declared.name.text
        by_rank = sorted(self.catalogue.pieces.values(), key=lambda piece: piece.rank)
        last = next((number for number, piece in enumerate(by_rank, start=1) if piece.key == name), 0)
        pieces = by_rank[:last]
        exposures = [exposure for piece in pieces for exposure in self.exposures[piece.key] if exposure.sender is None]

        def is_first(places: Set[str], world: World) -> bool:
            given = (exposure.piece.key for exposure in exposures if exposure.is_given(places, world))
            return next(given, None) == name

        return self._claim(
            declared,
            lambda places, world: speaks(world) and not is_first(places, world),
            lambda driver: speaks(told_world(driver.view)) and _first_key(self.seen(driver.view)) != name,
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
                case "partial":
                    return prints_partial(piece, name)
                case "value":
                    return prints_value(piece, name)
                case _:
                    return piece.purpose == name

        keys = [key for key, piece in self.catalogue.pieces.items() if is_meant(piece)]
        return [exposure for key in keys for exposure in self.exposures[key]]

    def _is_shown_where(
        self, exposures: Sequence[Exposure], speaks: Callable[[World], bool], driver: PathDriver
    ) -> bool:
        return speaks(told_world(driver.view)) and self.is_shown(driver.view, exposures)

    def state(self, written: str) -> str:
        """The full path of a state; lint has checked that it exists."""
        full = self.journey.resolve_state(written)
        assert full is not None
        return full

    # --- told before it is shown ---------------------------------------------------------------------------

    def _held(self, declared: Property, verdict: Verdict) -> Verdict:
        """The verdict on whether every entry into a state begins a hold."""
        state = self.state(declared.name.text)
        if self.plan.states[state].hold is not None:
            reason = "It declares 'hold_until', and the engine keeps the view until that is told."
            return replace(verdict, reason=reason)
        space = self.space(tracks_of((), (state,)))
        for before in space.reached:
            for step in space.steps(before):
                if state in space.places(step.after) and state not in space.places(before):
                    steps = [*space.steps_to(before), (step, step.after)]
                    target = FollowTarget(lambda driver: state in places_of(driver.view))
                    path = self.follower.follow(space, steps, target, declared.in_words)
                    if path is not None:
                        return self.broken(verdict, path, len(space.reached))
        reason = f"'{state}' declares no 'hold_until', but no way was found on which it is shown untold."
        return replace(verdict, result="not proven", reason=reason, configurations=len(space.reached))

    # --- a task in time ---------------------------------------------------------------------------------

    def _task_for(self, declared: Property, verdict: Verdict) -> Verdict:
        """The verdict on whether each report of a trigger opens a task that is due within a time."""
        trigger, within = declared.name.text, declared.within or ""
        space = self.space({name for name, track in self.plan.tracks.items() if trigger in track.triggers})
        missing = without_task(space, trigger, within)
        count = len(space.reached)
        path = self._told_way(space, missing, declared)
        if path is not None:
            reason = f"A patient {way_in_words(path)}; then '{trigger}' opens no task that is due within {within}."
            return replace(self.broken(verdict, path, count), reason=reason)
        if missing:
            where = space.in_words(missing[0])
            reason = f"In {where} '{trigger}' opens no task in time, but no patient was found who comes to that."
            return replace(verdict, result="not proven", reason=reason, configurations=count)
        return replace(verdict, configurations=count)

    def _told_way(
        self, space: ProofSpace, configurations: Sequence[SpaceConfiguration], declared: Property
    ) -> Path | None:
        """A way to one of the first configurations, on which everything is told."""
        target = FollowTarget(lambda driver: not driver.news)
        for configuration in configurations[:TRIED]:
            path = self.follower.follow(space, space.steps_to(configuration), target, declared.in_words)
            if path is not None:
                return path
        return None

    # --- what can still be reached -------------------------------------------------------------------------

    def _reachable(self, declared: Property, verdict: Verdict) -> Verdict:
        """The verdict on whether the target can be reached from every relevant configuration."""
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

        targets = {configuration for configuration in space.reached if is_there(configuration)}
        starts = [
            configuration for configuration in space.reached if start is None or start in space.places(configuration)
        ]
        leading = leading_to(space, targets)
        lost = [configuration for configuration in starts if configuration not in leading]
        count = len(space.reached)
        for configuration in lost[:TRIED]:
            path = self._told_way(space, [configuration], declared)
            if path is not None:
                broken = self.broken(verdict, path, count)
                where = space.in_words(configuration)
                reason = f"A patient {way_in_words(path)}; from {where} nothing leads to it any more."
                return replace(broken, reason=reason)
        sure = surely_leading_to(space, targets)
        unsure = lost or [configuration for configuration in starts if configuration not in sure]
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


def _first_key(shown: Sequence[Selected]) -> str | None:
    return shown[0].piece.key if shown else None
