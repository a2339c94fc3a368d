"""The shortest path to each state and each piece of a release, as a story. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace

from journeys.analysis.paths import find, to_story
from journeys.authoring.stories import Stage, Story, play, read_story, step_at, with_step, without_expectations
from journeys.content.catalogue import consider
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Node
from journeys.engine import State
from service.platform import errors
from service.publishing.review import OpenRelease
from service.publishing.service import Service

#: The most tellings at the end of a path.
MOST_TELLINGS = 8
#: The most timers that a path waits for until a reminder is due.
MOST_TIMERS = 8


def path_to_state(service: Service, opened: OpenRelease, state: str) -> Story | None:
    """Return the shortest path to a state (a full path), or None where the search finds none.

    Raises:
        NotFound: the release has no such state.
    """
    if state not in opened.plan.journey.state_paths:
        raise errors.NotFound
    return _path(service, opened, f"state {state}", lambda step: state in step.places)


def path_to_piece(service: Service, opened: OpenRelease, key: str) -> Story | None:
    """Return the shortest path to a step at which the patient sees a piece, or None where the search finds none.

    Its end tells the patient everything that is held.

    Raises:
        NotFound: the release has no such piece.
    """
    piece = opened.catalogue.pieces.get(key)
    if piece is None:
        raise errors.NotFound

    def is_shown(state: State) -> bool:
        return consider(opened.plan, piece, state, state.folded_to, as_reminder=piece.is_reminder).is_shown

    asks = (piece.when.node,) if piece.when is not None else ()
    story = _path(service, opened, f"piece {key} {piece.version}", is_shown, asks)
    if story is None:
        return None
    story = _told(opened, story)
    return _reminded(opened, story, key) if piece.is_reminder else story


def _told(opened: OpenRelease, story: Story) -> Story:
    """A story with the telling of everything that is held at its end."""
    stage = Stage(opened.machine, opened.catalogue)
    for _ in range(MOST_TELLINGS):
        played = play(story, stage)
        if played.problems or not played.lines or not played.lines[-1].news:
            break
        telling = replace(step_at(played.ends[-1].at), action="report", target=played.lines[-1].news[0].until)
        story = with_step(story, len(story.steps), telling)
    return story


def _reminded(opened: OpenRelease, story: Story, key: str) -> Story:
    """A story that goes on until a reminder is due, from one timer to the next."""
    stage = Stage(opened.machine, opened.catalogue)
    for _ in range(MOST_TIMERS):
        played = play(story, stage)
        due = played.lines[-1].state.next_due_at if played.lines else None
        if due is None or any(key in line.reminders for line in played.lines):
            break
        story = with_step(story, len(story.steps), step_at(due))
    return story


def _path(
    service: Service,
    opened: OpenRelease,
    goal: str,
    is_reached: Callable[[State], bool],
    asks: Iterable[Node] = (),
) -> Story | None:
    def find_path() -> bytes | None:
        path = find(opened.machine, is_reached, asks=asks)
        if path is None:  # perhaps a timer counts from a date that only a longer way tells
            path = find(opened.machine, is_reached, asks=asks, apart=_known_starts(opened.plan))
        return to_story(path, opened.plan).encode() if path is not None else None

    text = service.library.compiled.stories.get((opened.stored.id, goal), find_path)
    story = read_story(text, "path")[0] if text is not None else None
    return without_expectations(story) if story is not None else None


def _known_starts(plan: ReleasePlan) -> Callable[[State], Hashable]:
    """A function that returns which dates are known from which the timers of the open states count."""
    starts = {
        (track.name, path): [timer.start for timer in state.timers if timer.start is not None]
        for track in plan.tracks.values()
        for path, state in track.states.items()
    }

    def known(state: State) -> Hashable:
        stays = [(track, stay.state) for track, stays in state.tracks.items() for stay in stays]
        return frozenset(start for stay in stays for start in starts[stay] if start in state.facts)

    return known
