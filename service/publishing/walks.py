"""Ways through a release, walked with the real engine: for each state the shortest, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journeys.analysis.paths import find, to_story
from journeys.authoring.stories import Played, Stage, StoryLine, Wording, play, read_story
from journeys.content.catalogue import Catalogue, Selected, consider, select
from journeys.engine import Snapshot, Stay
from service.platform import errors
from service.publishing.review import OpenRelease


@dataclass(frozen=True, slots=True)
class Given:
    """A piece that a patient is given at a step: `is_new` since the step before, or sent as a reminder."""

    selected: Selected
    is_new: bool
    is_reminder: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """A way to a state: its lines, each something that happened."""

    state: str
    lines: Sequence[StoryLine]
    catalogue: Catalogue

    def happened(self, line: StoryLine, locale: str) -> str:
        """What happened, and who told it."""
        return self._words(locale).happened(line)

    def notes(self, line: StoryLine, locale: str) -> list[str]:
        """What followed from it: what is held, sent, to be done, or waited for."""
        return list(self._words(locale).all_notes(line))

    def told(self, line: StoryLine) -> Mapping[str, object]:
        """The facts that were told."""
        return line.step.facts if line.step is not None else {}

    def given(self, line: StoryLine) -> list[Given]:
        """The pieces that the patient is given then: the new ones and the reminders first."""
        shown = select(self.catalogue, line.view, line.view.at)
        found = [Given(one, one.piece.key in set(line.sees) - set(line.saw), False) for one in shown]
        for key in line.reminders:
            selected = _as_sent(self.catalogue, line.view, key)
            if selected is not None:
                found.append(Given(selected, True, True))
        return sorted(found, key=lambda one: (not one.is_reminder, not one.is_new))

    def _words(self, locale: str) -> Wording:
        return Wording(self.catalogue.plan, self.catalogue, locale)


def walk_to(opened: OpenRelease, state: str) -> Walk | None:
    """The shortest way to a state, or None where none was found.

    Raises:
        NotFound: there is no such state.
    """
    if state not in opened.plan.journey.state_paths:
        raise errors.NotFound
    played = _played(opened, state)
    return Walk(state, played.lines, opened.catalogue) if played is not None else None


def _played(opened: OpenRelease, state: str) -> Played | None:
    key = opened.stored.id, state
    if key not in _STORIES:
        found = find(opened.machine, lambda one: state in one.places)
        _STORIES[key] = to_story(found, opened.plan).encode() if found is not None else None
    text = _STORIES[key]
    story = read_story(text, "path")[0] if text is not None else None
    return play(story, Stage(opened.machine, opened.catalogue)) if story is not None else None


def _as_sent(catalogue: Catalogue, view: Snapshot, key: str) -> Selected | None:
    """A reminder as it was sent: with the stay that it belongs to."""
    piece = catalogue.pieces.get(key)
    if piece is None:
        return None
    reason = consider(catalogue.plan, piece, view, view.at, as_reminder=True)
    place = _stay(view, reason.state)
    return Selected(piece, place[0], place[1], reason) if place is not None else None


def _stay(view: Snapshot, state: str | None) -> tuple[str, Stay] | None:
    track, _, path = (state or "").partition(".")
    return next(((track, stay) for stay in view.tracks.get(track, ()) if stay.state == path), None)


#: The shortest way to a state of a release stays the same for ever.
_STORIES: dict[tuple[str, str], bytes | None] = {}
