"""A journey drawn, or the part of it around some states. Reads values, writes SVG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from journeys.authoring.diagram import svg
from journeys.definition.model import STAY, Journey, StateDefinition, Timer, Track, Transition

#: A composite state with more states inside than this is drawn without those that nobody has been in.
MANY = 10


def draw(
    journey: Journey,
    *,
    around: Iterable[str] = (),
    visited: Iterable[str] = (),
    lit: Iterable[str] = (),
    locale: str,
) -> str:
    """The journey as SVG: what lies around some states, or all of it where none is named.

    Args:
        journey: a published journey.
        around: full paths of the states that somebody is in.
        visited: full paths of states that are drawn too, where their track is.
        lit: full paths of states to light.
        locale: the language of titles.
    """
    wanted = {full for full in around if full in journey.state_paths}
    if wanted:
        seen = wanted | set(visited)
        tracks = {
            track.name: _narrowed(track, _inside(track, wanted), _inside(track, seen))
            for track in journey.tracks.values()
            if _inside(track, wanted)
        }
        journey = replace(journey, tracks=tracks)
    return svg(journey, frozenset(lit), locale=locale)


def _inside(track: Track, full: Iterable[str]) -> set[str]:
    """The paths in a track of those full paths that are of it."""
    prefix = f"{track.name}."
    return {one.removeprefix(prefix) for one in full if one.startswith(prefix)} & set(track.states)


def _narrowed(track: Track, around: set[str], seen: set[str]) -> Track:
    """A track with only the states that somebody has been in and those beside the current ones."""
    kept = set(seen)
    for path in around:
        parent = track.states[path].parent
        beside = track.states[parent].children if parent is not None else ()
        if len(beside) <= MANY:
            kept.update(beside)
    for path in set(kept):
        kept.update(_ancestors(path))
    states = {path: _plainer(track, track.states[path], kept) for path in track.states if path in kept}
    initial = track.initial if track.initial is not None and track.initial.text in states else None
    return replace(track, states=states, initial=initial)


def _plainer(track: Track, state: StateDefinition, kept: set[str]) -> StateDefinition:
    """A state with one way to each target among those kept, without its condition: the full drawing has them all."""
    on: dict[str, Transition] = {}
    after: dict[str, Timer] = {}
    for transition in state.on:
        target = track.resolve(transition.to, state.path) if transition.to != STAY else None
        if target in kept:
            on.setdefault(target, replace(transition, when=None, otherwise=False, to=target))
    for timer in state.after:
        target = track.resolve(timer.to, state.path) if timer.to is not None else None
        if target in kept:
            after.setdefault(target, replace(timer, when=None, to=target))
    initial = state.initial if state.initial is not None and f"{state.path}.{state.initial.text}" in kept else None
    children = tuple(child for child in state.children if child in kept)
    return replace(state, children=children, initial=initial, on=tuple(on.values()), after=tuple(after.values()))


def _ancestors(path: str) -> Iterable[str]:
    while "." in path:
        path = path.rpartition(".")[0]
        yield path
