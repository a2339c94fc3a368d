"""Two pieces that a patient may see at once have different orders.

Pieces of one order are sorted by the alphabet of their keys, which no author chose. Pieces whose conditions exclude
each other may share an order, and so may reminders, which are never listed.

Wrong: `order: 20` in a piece of `treatment` and in one of `treatment.surgery`. Right: `order: 20` and `order: 25`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Piece
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import InState, TooManyCells, World, cells_of
from journeys.primitives.problems import Problem

ID = "same-order"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each piece that shares its order with one before it, by their keys."""
    plan = subject.plan
    if plan is None:
        return
    by_order: dict[int, list[Piece]] = defaultdict(list)
    for piece in sorted((subject.pieces or {}).values(), key=lambda piece: piece.rank):
        if piece.kind == "page" and not piece.is_reminder:
            by_order[piece.order].append(piece)
    for order, pieces in by_order.items():
        reported = set()
        for first, second in combinations(pieces, 2):
            if second.key not in reported and _may_meet(first, second, plan):
                reported.add(second.key)
                message = (
                    f"'{second.key}' and '{first.key}' may be shown at once and have the same order {order}; "
                    "give each its own, the more urgent one the smaller."
                )
                yield subject.problem_in_text(subject.position_in_shared(second, "order:"), message)


def _may_meet(first: Piece, second: Piece, plan: ReleasePlan) -> bool:
    """Whether some values of facts, in some states, show both pieces; true where there are too many to try."""
    both = (first, second)
    conditions = [piece.when.node for piece in both if piece.when is not None]
    states = [InState(state) for piece in both for state in piece.states if state not in plan.tracks]
    leaves = {name: [f"{name}.{leaf}" for leaf in track.leaves] for name, track in plan.tracks.items()}
    try:
        worlds = cells_of([*conditions, *states], plan.facts, leaves, unknown=True)
        return any(all(_is_shown(piece, world, plan) for piece in both) for world in worlds)
    except TooManyCells:
        return True


def _is_shown(piece: Piece, world: World, plan: ReleasePlan) -> bool:
    is_placed = any(state in plan.tracks or state in world.places for state in piece.states)
    return is_placed and (piece.when is None or piece.when.ask(world) is True)
