"""The page of a whole diagram: the choices of its form, and the way between two states. It reads no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from journeys.authoring.diagram import DiagramView, DiagramWords, Way, composites, way_between
from journeys.definition.compiler import ReleasePlan
from journeys.primitives.locales import served_locale
from journeys.primitives.state_path import StatePath, depth_of
from service.platform import errors
from service.reviewer_ui.preview_page import language_of, linked_diagram


@dataclass(frozen=True, slots=True)
class StateChoice:
    """A state as the form offers it: its full path, and its title, indented by its depth."""

    full: str
    title: str
    is_composite: bool
    is_folded: bool


@dataclass(frozen=True, slots=True)
class WayStep:
    """One step of a way: the state, and how it is left; the last step has no exit."""

    state: str
    exit: str


@dataclass(frozen=True, slots=True)
class DiagramPage:
    """A diagram and the choices of its form.

    Attributes:
        tracks: the titles of the tracks by name.
        states: the states by track.
        start, end: full paths of the chosen states; empty without a choice.
        way: the steps of the way; empty where there is none, or where `start` and `end` are not both chosen.
    """

    drawing: Markup
    locale: str
    languages: Mapping[str, str]
    track: str
    tracks: Mapping[str, str]
    states: Mapping[str, Sequence[StateChoice]]
    start: str
    end: str
    way: Sequence[WayStep]

    @property
    def has_no_way(self) -> bool:
        """Whether two states were chosen without a way between them."""
        return bool(self.start and self.end and not self.way)


def diagram_page(plan: ReleasePlan, choices: MultiDict[str, str], links: Mapping[str, str]) -> DiagramPage:
    """Return the page for the choices of its form: `track`, `locale`, `from`, `to`, and `folded` (repeated).

    Args:
        plan: the release.
        choices: the parameters of the request; each is optional.
        links: the address of each state by its full path.

    Raises:
        NotFound: a chosen track or state is unknown.
    """
    journey = plan.journey
    locale = served_locale(choices.get("locale", ""), journey.locales)
    track, start, end = (choices.get(name, "") for name in ("track", "from", "to"))
    folded = frozenset(choices.getlist("folded"))
    if (track and track not in journey.tracks) or not {*folded, start, end} - {""} <= set(journey.state_paths):
        raise errors.NotFound
    if start and not start.startswith(f"{track}."):
        track = ""  # the way is not in this track
    words = DiagramWords(journey, locale)
    way = way_between(journey, start, end) if start and end else None
    view = DiagramView(folded=folded, way=way or (), tracks=frozenset([track] if track else ()))
    return DiagramPage(
        drawing=linked_diagram(plan, links, view=view, locale=locale),
        locale=locale,
        languages={language: language_of(language) for language in journey.locales},
        track=track,
        tracks={track.name: words.title(track.title, track.name) for track in journey.tracks.values()},
        states=_choices(plan, words, folded),
        start=start,
        end=end,
        way=_steps(words, way, end) if way is not None else (),
    )


def _choices(plan: ReleasePlan, words: DiagramWords, folded: frozenset[str]) -> dict[str, list[StateChoice]]:
    are_composite = set(composites(plan.journey))
    choices: dict[str, list[StateChoice]] = {name: [] for name in plan.journey.tracks}
    for full in plan.journey.state_paths:
        state = StatePath.parse(full)
        title = "\u2003" * (depth_of(state.path) - 1) + _title(words, full)
        choices[state.track].append(StateChoice(full, title, full in are_composite, full in folded))
    return choices


def _title(words: DiagramWords, full: str) -> str:
    state = StatePath.parse(full)
    return words.state(words.journey.tracks[state.track], state.path)


def _steps(words: DiagramWords, way: Way, end: str) -> list[WayStep]:
    last = way[-1][1].leads_to if way else end
    return [*(WayStep(_title(words, leaf), words.edge(edge)) for leaf, edge in way), WayStep(_title(words, last), "")]
