"""The order in which pieces are reviewed."""

from __future__ import annotations

from collections.abc import Iterable

from journeys.content.catalogue import Piece
from journeys.definition.compiler import ReleasePlan


def in_order(pieces: Iterable[Piece], plan: ReleasePlan) -> list[Piece]:
    """Pieces in the order of the journey: by the first state that shows them, then their own order, then key."""
    ranks: dict[str, int] = {}
    for track in plan.journey.tracks.values():
        for name in (track.name, *(f"{track.name}.{path}" for path in track.states)):
            ranks[name] = len(ranks)
    last = len(ranks)

    def rank(piece: Piece) -> tuple[int, int, str]:
        return min((ranks.get(state, last) for state in piece.states), default=last), piece.order, piece.key

    return sorted(pieces, key=rank)
