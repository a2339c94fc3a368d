"""The shortest path to each state and each piece of a release, as a story. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from journeys.analysis.paths import find, to_story
from journeys.authoring.stories import Story, read_story, without_expectations
from journeys.content.catalogue import consider
from journeys.definition.conditions import Node
from journeys.engine import State
from service.platform import errors
from service.publishing.review import OpenRelease
from service.publishing.service import Service


def path_to_state(service: Service, opened: OpenRelease, state: str) -> Story | None:
    """Return the shortest path to a state (a full path), or None where the search finds none.

    Raises:
        NotFound: the release has no such state.
    """
    if state not in opened.plan.journey.state_paths:
        raise errors.NotFound
    return _path(service, opened, f"state {state}", lambda step: state in step.places)


def path_to_piece(service: Service, opened: OpenRelease, key: str) -> Story | None:
    """Return the shortest path to a step at which the patient would see a piece, or None where the search finds none.

    Raises:
        NotFound: the release has no such piece.
    """
    piece = opened.catalogue.pieces.get(key)
    if piece is None:
        raise errors.NotFound

    def is_shown(state: State) -> bool:
        return consider(opened.plan, piece, state, state.folded_to, as_reminder=piece.is_reminder).is_shown

    asks = (piece.when.node,) if piece.when is not None else ()
    return _path(service, opened, f"piece {key} {piece.version}", is_shown, asks)


def _path(
    service: Service,
    opened: OpenRelease,
    goal: str,
    is_reached: Callable[[State], bool],
    asks: Iterable[Node] = (),
) -> Story | None:
    def find_path() -> bytes | None:
        path = find(opened.machine, is_reached, asks=asks)
        return to_story(path, opened.plan).encode() if path is not None else None

    text = service.library.compiled.stories.get((opened.stored.id, goal), find_path)
    story = read_story(text, "path")[0] if text is not None else None
    return without_expectations(story) if story is not None else None
