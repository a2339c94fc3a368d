"""The abstract machine of some tracks: where they begin, what they offer, how they react; it decides nothing else.

Exact: where patients join, what each state declares, and how the tracks react to their choices at one instant. Left
open: every value of a fact, the time, the visits that are not counted, and the tracks outside the space. Who uses the
machine says how the choices are made, for in that paths and proofs differ on purpose:

- a path takes one cell of values through a whole reaction, since one event must bring all of them (`PathSpace`);
- a proof takes every answer to every entry by itself, since what it leaves out the engine may do (`ProofSpace`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from journeys.analysis.space.configuration import Choices, Reaction, SpaceConfiguration
from journeys.analysis.space.offers import Offers, offers_of
from journeys.definition.compiler import ReleasePlan, StatePlan
from journeys.definition.conditions import (
    DateCompare,
    DaysInState,
    DaysSince,
    Flag,
    Has,
    InState,
    Is,
    Known,
    Node,
    NumberCompare,
    Visits,
    World,
    cells_of,
    walk,
)
from journeys.definition.facts import FactType
from journeys.engine.fold import MAX_AUTOMATIC_STEPS
from journeys.primitives.state_path import track_of

ASKS_A_FACT = Flag | Is | Has | NumberCompare | DateCompare | DaysSince | Known

Answers = Callable[[str, SpaceConfiguration, str], Iterable[Choices]]
#: The choices that tracks may make when an entry is raised in a configuration; the track that raised it makes none.

Raised = tuple[tuple[str, str], ...]
#: Entries that were raised and are not worked off yet: the track that was entered, and the trigger.


class StateSpace:
    """The configurations of some tracks of a release.

    `counted` are the states whose visits are told apart, each with the number from which more makes no difference.
    """

    def __init__(self, plan: ReleasePlan, tracks: tuple[str, ...], counted: Mapping[str, int]) -> None:
        self.plan = plan
        self.tracks = tracks
        self.counted = counted
        self.index_of = {name: index for index, name in enumerate(tracks)}
        self.heard = frozenset(
            trigger for name in tracks for trigger in plan.tracks[name].triggers if trigger in plan.heard
        )
        self._visit_index = {path: index for index, path in enumerate(counted)}
        self._visit_caps = tuple(counted.values())
        self._open_states: dict[tuple[str, ...], frozenset[str]] = {}
        self._offers: dict[tuple[str, str, str, int | None], Offers] = {}

    # --- configurations ------------------------------------------------------------------------------------

    def beginning(self, leaves: Mapping[str, str]) -> SpaceConfiguration:
        """The configuration in which an enrollment begins with its tracks in some leaves."""
        open_states = self.open_states(self.configuration(leaves, {}))
        return self.configuration(leaves, dict.fromkeys(open_states, 1))

    def configuration(self, leaves: Mapping[str, str], visits: Mapping[str, int]) -> SpaceConfiguration:
        """The configuration of tracks in some leaves after some visits, by the full paths of states."""
        return SpaceConfiguration(
            tuple([leaves[name] for name in self.tracks]),
            tuple([min(visits.get(path, 0), most) for path, most in self.counted.items()]),
        )

    def open_states(self, at: SpaceConfiguration) -> frozenset[str]:
        """The full paths of the states that are open in a configuration."""
        open_states = self._open_states.get(at.leaves)
        if open_states is None:
            plans = self.plan.tracks
            open_states = self._open_states[at.leaves] = frozenset(
                state.full
                for name, leaf in zip(self.tracks, at.leaves, strict=True)
                for state in plans[name].chain(leaf)
            )
        return open_states

    # --- worlds --------------------------------------------------------------------------------------------

    def cut(self, nodes: Iterable[Node], kinds: Mapping[str, FactType], *, unknown: bool) -> Iterator[World]:
        """A world for each combination of values that conditions tell apart and that no configuration decides.

        Args:
            nodes: the conditions that meet.
            kinds: the types of the facts.
            unknown: whether every fact may also be unknown.

        Raises:
            TooManyCells: when there are too many; before the first world.
        """
        parts = [part for node in nodes for part in walk(node) if self._is_open(part)]
        asides = sorted({track_of(part.path) for part in parts if isinstance(part, InState)})
        leaves = {name: [f"{name}.{leaf}" for leaf in self.plan.tracks[name].leaves] for name in asides}
        return cells_of(parts, kinds, leaves, unknown=unknown)

    def _is_open(self, part: Node) -> bool:
        match part:
            case Visits(path, _, _):
                return path not in self.counted
            case InState(path):
                return track_of(path) not in self.index_of
            case _:
                return isinstance(part, ASKS_A_FACT | DaysInState)

    def world(self, at: SpaceConfiguration, cut: World) -> World:
        """What conditions read in a configuration, with the values of a world that they cut."""
        open_states = self.open_states(at)
        places = open_states | cut.places if cut.places else open_states
        visits = {**cut.visits, **dict(zip(self.counted, at.visits, strict=True))}
        return World(cut.values, places, visits, cut.now, cut.since)

    # --- reactions -----------------------------------------------------------------------------------------

    def offers(self, name: str, leaf: str, trigger: str, deepest: int | None = None) -> Offers:
        """The transitions that a track offers in a leaf on a trigger, from the state at `deepest` outwards."""
        key = (name, leaf, trigger, deepest)
        offers = self._offers.get(key)
        if offers is None:
            offers = self._offers[key] = offers_of(self.plan.tracks[name], leaf, trigger, self.heard, deepest)
        return offers

    def react(
        self,
        at: SpaceConfiguration,
        choices: Choices,
        answers: Answers,
        taken: Choices = (),
        raised: Raised = (),
        steps_left: int = MAX_AUTOMATIC_STEPS,
    ) -> Iterator[Reaction]:
        """Every reaction that begins with some choices: these, then what the entries they raise set off, in order.

        Args:
            at: the configuration in which the choices are made.
            choices: the choices.
            answers: the choices that may follow an entry.
            taken: the transitions taken before, at the same instant.
            raised: the entries that were raised before and come first.
            steps_left: how many transitions the engine still takes by itself at this instant.
        """
        after, entries = self._enter(at, choices)
        taken += choices
        raised += entries
        if not raised or not steps_left:
            yield Reaction(taken, after)
            return
        (origin, trigger), *later = raised
        for answer in answers(trigger, after, origin):
            following = answer[:steps_left]
            yield from self.react(after, following, answers, taken, tuple(later), steps_left - len(following))

    def _enter(self, at: SpaceConfiguration, choices: Choices) -> tuple[SpaceConfiguration, Raised]:
        """The configuration after some transitions, and the entries they raise that a track here listens to."""
        if not choices:
            return at, ()
        leaves, visits, raised = list(at.leaves), list(at.visits), []
        for name, candidate in choices:
            entered: Sequence[StatePlan] = candidate.enters or ()
            leaves[self.index_of[name]] = entered[-1].path
            for state in entered:
                index = self._visit_index.get(state.full)
                if index is not None:
                    visits[index] = min(visits[index] + 1, self._visit_caps[index])
                if state.entered in self.heard:
                    raised.append((name, state.entered))
        return SpaceConfiguration(tuple(leaves), tuple(visits)), tuple(raised)
