"""Builds the state of an imagined patient in some states with some facts. It folds no events and sets no timers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from journeys.definition.compiler import ReleasePlan, entry_chain
from journeys.definition.facts import Value
from journeys.engine import State, Stay
from journeys.engine.state import FactTold
from journeys.primitives.problems import did_you_mean

EMPTY: Mapping[str, Value] = {}


class NoSuchState(ValueError):
    """The journey has no state with the requested name."""


def imagine(
    plan: ReleasePlan,
    now: datetime,
    states: Iterable[str] = (),
    facts: Mapping[str, Value] = EMPTY,
    *,
    base: State | None = None,
) -> State:
    """The state of a patient in some states; the other tracks are in their initial states, or as in `base`.

    Args:
        plan: the release.
        now: the instant; the new stays begin then.
        states: states as a condition names them; of a state with inner states, its `initial` is entered. Only the last
            state of each track counts.
        facts: reported facts, in addition to those of `base`.
        base: a patient to place in the states, with all of their facts.

    Raises:
        NoSuchState: for an unknown state; the message suggests a name.
    """
    paths: dict[str, str] = {}
    for name, track in plan.journey.tracks.items() if base is None else ():
        assert track.initial is not None, "a release has been linted"
        paths[name] = track.initial.text
    for written in states:
        full = plan.journey.resolve_state(written)
        if full is None:
            hint = did_you_mean(written, plan.journey.state_paths)
            raise NoSuchState(f"Unknown state '{written}'.{hint}")
        track_name, _, path = full.partition(".")
        paths[track_name] = path
    tracks = dict(base.tracks) if base is not None else {}
    visits = dict(base.visits) if base is not None else {}
    for name, path in paths.items():
        open_stays = {stay.state: stay for stay in tracks.get(name, ())}
        chain = entry_chain(plan.journey.tracks[name], path)
        tracks[name] = tuple(
            open_stays.get(state) or Stay(state, f"scene:{name}.{state}", now, True, {}) for state in chain
        )
        for state in chain:
            visits[f"{name}.{state}"] = max(visits.get(f"{name}.{state}", 0), 1)
    told_facts = {name: FactTold(value, now.date().isoformat(), "", "patient") for name, value in facts.items()}
    return State(plan.id, now, tracks, {**(base.facts if base is not None else {}), **told_facts}, visits)
