"""An imagined patient: in these states, with these facts. Nothing is folded, and no timer is set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from journeys.definition.compiler import ReleasePlan, entry_chain
from journeys.definition.facts import Value
from journeys.engine import Snapshot, Stay
from journeys.engine.state import FactTold
from journeys.primitives.problems import did_you_mean

EMPTY: Mapping[str, Value] = {}


class NoSuchState(ValueError):
    """What was asked for is no state of the journey."""


def imagine(
    plan: ReleasePlan,
    now: datetime,
    states: Iterable[str] = (),
    facts: Mapping[str, Value] = EMPTY,
    *,
    base: Snapshot | None = None,
) -> Snapshot:
    """What there is to show of somebody who stands in these states; every other track is as it begins, or as before.

    Args:
        plan: the release.
        now: the instant; the new stays begin then.
        states: states as a condition names them; through `initial` where they have states inside. The last of a
            track counts.
        facts: what was told, beside what `base` knows.
        base: somebody who is put there, with all that is known of them.

    Raises:
        NoSuchState: when one is no state; the message says what it may be.
    """
    paths: dict[str, str] = {}
    for name, track in plan.journey.tracks.items() if base is None else ():
        assert track.initial is not None, "a release has been linted"
        paths[name] = track.initial.text
    for written in states:
        full = plan.journey.resolve_state(written)
        if full is None:
            hint = did_you_mean(written, plan.journey.state_paths)
            raise NoSuchState(f"'{written}' is no state of '{plan.journey.key}'.{hint}")
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
    return Snapshot(now, tracks, {**(base.facts if base is not None else {}), **told_facts}, visits)
