"""What a track declares once for all its states is reported once, and not for each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from journeys.definition.model import Journey, Transition
from journeys.primitives.problems import Problem, counted

Place = tuple[str, int, int]


def reported_once(problems: Iterable[Problem], journey: Journey) -> list[Problem]:
    """The problems in order; of those that differ in nothing but the states that share a transition, the first."""
    states = _states_by_place(journey)
    alike: dict[Problem, list[Problem]] = {}
    for problem in sorted(problems):
        message = _without_names(problem.message, states.get(_place_of(problem), frozenset()))
        alike.setdefault(replace(problem, message=message), []).append(problem)
    return [_of_all(first, len(others)) for first, *others in alike.values()]


def _of_all(first: Problem, others: int) -> Problem:
    if not others:
        return first
    return replace(first, message=f"{first.message} The same in {counted(others, 'other state')} of the track.")


def _without_names(message: str, states: Set[str]) -> str:
    for state in states:
        message = message.replace(f"'{state}'", "''")
    return message


def _states_by_place(journey: Journey) -> Mapping[Place, Set[str]]:
    """The states that have a transition, by path and by full path, for the place of each of its parts."""
    states: dict[Place, set[str]] = defaultdict(set)
    for track in journey.tracks.values():
        for state in track.states.values():
            for transition in state.on:
                for place in _places_of(transition, journey.file):
                    states[place] |= {state.path, f"{track.name}.{state.path}"}
    return states


def _places_of(transition: Transition, file: str) -> Iterable[Place]:
    marks = [transition.mark, *transition.places.values()]
    if transition.when is not None:
        marks.append(transition.when.mark)
    return [(file, mark.line, mark.column) for mark in marks]


def _place_of(problem: Problem) -> Place:
    return problem.file, problem.line, problem.column
