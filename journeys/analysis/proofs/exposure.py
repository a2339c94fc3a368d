"""Lists how a piece reaches patients: the states that show it, the timers that send it, and the conditions of both."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from journeys.content.catalogue import Piece
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, Node, World


@dataclass(frozen=True, slots=True)
class Exposure:
    """One way in which a piece reaches a patient, by the states of one track (or by the track).

    `sender` is the state whose timer sends the piece; None if the piece is shown.
    """

    piece: Piece
    own: tuple[str, ...]
    sender: str | None
    conditions: tuple[Compiled, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of its conditions."""
        return tuple(condition.node for condition in self.conditions)

    @property
    def states(self) -> tuple[str, ...]:
        """The states and tracks on which it depends."""
        return (*self.own, *((self.sender,) if self.sender else ()))

    def is_placed(self, places: Set[str]) -> bool:
        """Whether the piece can be shown or sent while these states are open (tracks by their names)."""
        return not places.isdisjoint(self.own) and (self.sender is None or self.sender in places)

    def is_given(self, places: Set[str], world: World) -> bool:
        """Whether the piece is certainly shown or sent while these states are open, in this world."""
        return self.is_placed(places) and all(condition.ask(world) is True for condition in self.conditions)


def find_exposures(plan: ReleasePlan, piece: Piece) -> Iterator[Exposure]:
    """Every way in which a piece reaches a patient: shown in its states, or sent by a timer's `remind`."""
    conditions = (piece.when,) if piece.when is not None else ()
    by_track: dict[str, list[str]] = {}
    for state in piece.states:
        by_track.setdefault(state.partition(".")[0], []).append(state)
    for own in map(tuple, by_track.values()):
        if not piece.is_reminder:
            yield Exposure(piece, own, None, conditions)
            continue
        for sender in plan.states.values():
            for timer in sender.timers:
                if timer.remind == piece.key:
                    timer_conditions = (timer.when,) if timer.when is not None else ()
                    yield Exposure(piece, own, sender.full, (*conditions, *timer_conditions))
