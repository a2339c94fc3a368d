"""The diagram of a journey, or of the part around some states, as SVG. It reads no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from journeys.authoring.diagram import WHOLE, DiagramView, svg
from journeys.definition.graph import edges_of_state
from journeys.definition.model import Journey, StateDefinition, Timer, Track, Transition
from journeys.primitives.state_path import StatePath, chain_of

#: Of more states beside the current one, only those are drawn that it leads to, or that were visited.
MANY = 10


def draw(
    journey: Journey,
    *,
    around: Iterable[str] = (),
    visited: Iterable[str] = (),
    view: DiagramView = WHOLE,
    locale: str,
) -> str:
    """Return the journey as SVG: the part around some states, by default the whole journey.

    Args:
        journey: a published journey.
        around: full paths of the current states.
        visited: full paths of states to draw too, where their track is.
        view: what is folded and highlighted; around some states, only their tracks are drawn.
        locale: the language of titles.
    """
    current = {full for full in around if full in journey.state_paths}
    if current:
        seen = current | set(visited)
        tracks = {
            track.name: _narrow(track, _inside(track, current), _inside(track, seen))
            for track in journey.tracks.values()
            if _inside(track, current)
        }
        journey = replace(journey, tracks={**journey.tracks, **tracks})
        view = replace(view, tracks=frozenset(tracks))
    return svg(journey, view, locale=locale)


def _inside(track: Track, full_paths: Iterable[str]) -> set[str]:
    """Return the paths within a track of the full paths that lie in it."""
    return {state.path for state in map(StatePath.parse, full_paths) if state.track == track.name} & set(track.states)


def _narrow(track: Track, around: set[str], seen: set[str]) -> Track:
    """Return a track with only the visited states and the siblings of the current ones, or those that are next."""
    visible = set(seen)
    outermost = [path for path, state in track.states.items() if state.parent is None]
    for path in around:
        parent = track.states[path].parent
        beside = track.states[parent].children if parent is not None else outermost
        visible.update(beside if len(beside) <= MANY else _next(track, path).intersection(beside))
    for path in set(visible):
        visible.update(chain_of(path))
    states = {path: _simplify(track, track.states[path], visible) for path in track.states if path in visible}
    initial = track.initial if track.initial is not None and track.initial.text in states else None
    return replace(track, states=states, initial=initial)


def _next(track: Track, path: str) -> set[str]:
    """Return the states that a state, or one around it, leads to, with all that lie around those."""
    states = [track.states[around] for around in chain_of(path)]
    return {full for state in states for edge in edges_of_state(track, state) if edge.to for full in chain_of(edge.to)}


def _simplify(track: Track, state: StateDefinition, visible: set[str]) -> StateDefinition:
    """Return a state with one edge to each visible target, without conditions; the full diagram has them all.

    An edge to a state that is not drawn leads to the innermost drawn one around it.
    """
    on: dict[str, Transition] = {}
    after: dict[str, Timer] = {}
    for edge in edges_of_state(track, state):
        to = next((full for full in reversed(chain_of(edge.to)) if full in visible), "") if edge.to else ""
        if to and isinstance(edge.declared, Transition):
            on.setdefault(to, replace(edge.declared, when=None, otherwise=False, to=to))
        elif to and isinstance(edge.declared, Timer):
            after.setdefault(to, replace(edge.declared, when=None, to=to))
    initial = state.initial if state.initial is not None and f"{state.path}.{state.initial.text}" in visible else None
    children = tuple(child for child in state.children if child in visible)
    return replace(state, children=children, initial=initial, on=tuple(on.values()), after=tuple(after.values()))
