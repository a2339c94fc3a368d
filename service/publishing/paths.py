"""The shortest path to each state of a release, played step by step by the engine. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journeys.analysis.paths import find, to_story
from journeys.authoring.stories import Played, Stage, StoryLine, Wording, play, read_story
from journeys.content.catalogue import Catalogue, Selected, consider, select
from journeys.engine import State, Stay
from journeys.primitives.state_path import StatePath
from service.platform import errors
from service.publishing.review import OpenRelease
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class VisiblePiece:
    """A piece that a patient sees at a step: `is_new` since the step before, or sent as a reminder."""

    selected: Selected
    is_new: bool
    is_reminder: bool


@dataclass(frozen=True, slots=True)
class StatePathPlay:
    """The played path to a state: one line for each event and timer."""

    state: str
    lines: Sequence[StoryLine]
    catalogue: Catalogue

    def event_text(self, line: StoryLine, locale: str) -> str:
        """Return the event of a line and its reporter, in words."""
        return self._wording(locale).happened(line)

    def notes(self, line: StoryLine, locale: str) -> list[str]:
        """Return the consequences of a line: the messages since the line before, pieces held or shown, and tasks."""
        wording = self._wording(locale)
        messages = [" · ".join(filter(None, wording.message(message))) for message in line.messages]
        return [*messages, *wording.all_notes(line)]

    def reported_facts(self, line: StoryLine) -> Mapping[str, object]:
        """Return the facts that the event of a line carried."""
        return line.step.facts if line.step is not None else {}

    def visible_pieces(self, line: StoryLine) -> list[VisiblePiece]:
        """Return the pieces that the patient sees after a line: reminders first, then the new pieces."""
        new_keys = set(line.sees) - set(line.saw)
        selected_pieces = select(self.catalogue, line.view, line.at)
        visible = [VisiblePiece(selected, selected.piece.key in new_keys, False) for selected in selected_pieces]
        for key in line.reminders:
            reminder = _select_reminder(self.catalogue, line, key)
            if reminder is not None:
                visible.append(VisiblePiece(reminder, True, True))
        return sorted(visible, key=lambda piece: (not piece.is_reminder, not piece.is_new))

    def _wording(self, locale: str) -> Wording:
        return Wording(self.catalogue.plan, self.catalogue, locale)


def play_path_to(service: Service, opened: OpenRelease, state: str) -> StatePathPlay | None:
    """Return the shortest path to a state, or None where no path reaches it.

    Raises:
        NotFound: the release has no such state.
    """
    if state not in opened.plan.journey.state_paths:
        raise errors.NotFound
    played = _play(opened, _find_story(service, opened, state))
    return StatePathPlay(state, played.lines, opened.catalogue) if played is not None else None


def _find_story(service: Service, opened: OpenRelease, state: str) -> bytes | None:
    def find_path() -> bytes | None:
        path = find(opened.machine, lambda step: state in step.places)
        return to_story(path, opened.plan).encode() if path is not None else None

    return service.library.compiled.stories.get((opened.stored.id, state), find_path)


def _play(opened: OpenRelease, text: bytes | None) -> Played | None:
    story = read_story(text, "path")[0] if text is not None else None
    return play(story, Stage(opened.machine, opened.catalogue)) if story is not None else None


def _select_reminder(catalogue: Catalogue, line: StoryLine, key: str) -> Selected | None:
    """Return a reminder as it was sent: with the stay that it belongs to."""
    piece = catalogue.pieces.get(key)
    if piece is None:
        return None
    reason = consider(catalogue.plan, piece, line.view, line.at, as_reminder=True)
    stay = _find_stay(line.view, StatePath.parse(reason.state or ""))
    return Selected(piece, *stay) if stay is not None else None


def _find_stay(view: State, state: StatePath) -> tuple[str, Stay] | None:
    stays = view.tracks.get(state.track, ())
    return next(((state.track, stay) for stay in stays if stay.state == state.path), None)
