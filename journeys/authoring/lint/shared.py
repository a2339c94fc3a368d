"""What a track declares once for all its states is reported once, and not for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from journeys.definition.model import Journey, Transition
from journeys.primitives.problems import Problem, counted

Place = tuple[str, int, int]


def reported_once(problems: Iterable[Problem], journey: Journey) -> list[Problem]:
    """The problems in order; of those of one rule in a transition that states share, the first, and their number."""
    shared = _shared_places(journey)
    reported = []
    for (place, _), group in groupby(sorted(problems), lambda problem: (_place_of(problem), problem.rule)):
        first, *others = group
        if not others or place not in shared:
            reported += [first, *others]
        else:
            states = counted(len(others), "other state")
            reported.append(replace(first, message=f"{first.message} The same in {states} of the track."))
    return reported


def _shared_places(journey: Journey) -> set[Place]:
    """The places of all parts of the transitions that several states have."""
    counts = Counter(
        place
        for track in journey.tracks.values()
        for state in track.states.values()
        for transition in state.on
        for place in set(_places_of(transition, journey.file))
    )
    return {place for place, states in counts.items() if states > 1}


def _places_of(transition: Transition, file: str) -> Iterable[Place]:
    marks = [transition.mark, *transition.places.values()]
    if transition.when is not None:
        marks.append(transition.when.mark)
    return [(file, mark.line, mark.column) for mark in marks]


def _place_of(problem: Problem) -> Place:
    return problem.file, problem.line, problem.column
