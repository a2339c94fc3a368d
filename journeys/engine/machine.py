"""The only module that uses `transitions`: a track's states as one flat machine, queried with a throw-away cursor.

A machine is made once for a release, holds no model and no state, and is shared by all threads and enrollments.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transitions import Machine

from journeys.definition.compiler import RULES_VERSION, Candidate, ReleasePlan, TrackPlan, compile_journey
from journeys.definition.conditions import World
from journeys.definition.facts import DECLINED
from journeys.definition.model import Journey
from journeys.primitives.state_path import chain_of

NO_FACTS = frozenset[str]()

logging.getLogger("transitions").setLevel(logging.ERROR)


@dataclass(slots=True)
class Asked:
    """One condition that was evaluated while selecting, and its truth; for explanations."""

    state: str
    when: str
    truth: bool | None
    saw: dict[str, Any]


@dataclass(slots=True)
class Cursor:
    """The progress of one selection: the leaf it starts from, the world it reads, and its result.

    `deepest` is the depth to begin at (a waiting event begins at the state in which it waits); `since` is the
    beginning of the stay at each depth. After the selection, `chosen` is the transition to take, or `missing` are the
    facts for which the event waits at `depth`. `required` are the facts that the trigger requires and that are unknown.
    """

    state: str
    world: World
    since: Sequence[datetime]
    deepest: int
    waits: bool = True
    required: frozenset[str] = NO_FACTS
    chosen: Candidate | None = None
    depth: int = 0
    missing: frozenset[str] = NO_FACTS
    only_declined: bool = True
    later_true: bool = False
    trace: list[Asked] | None = None
    handled: bool = False

    def offer(self, candidate: Candidate) -> bool:
        """Whether to take this transition; candidates come innermost state first, `otherwise` last."""
        if candidate.depth > self.deepest:
            return False
        if candidate.depth != self.depth:
            if self.missing:
                return False  # the event waits further inside, so outer states are not considered
            self.depth = candidate.depth
        self.handled = True
        if self.required:  # no condition is asked before they are reported
            self.missing = self.required
            return False
        if candidate.otherwise:
            taken = not self.missing or (self.only_declined and not self.later_true)
        else:
            taken = self._is_true(candidate)
        if taken:
            self.missing = frozenset()
            self.chosen = candidate
        return taken

    def _is_true(self, candidate: Candidate) -> bool:
        condition = candidate.condition
        if condition is None:
            return True
        self.world.since = min(self.since[candidate.depth - 1], self.world.now)  # an initial stay may begin later
        truth = condition.ask(self.world)
        if self.trace is not None:
            saw = {fact: self.world.values.get(fact) for fact in sorted(condition.facts)}
            self.trace.append(Asked(candidate.declared_by, condition.text, truth, saw))
        ordered_behind_unknown = candidate.order is not None and bool(self.missing)
        if truth is None and self.waits:
            missing = condition.missing(self.world)
            self.only_declined &= all(self.world.values.get(fact) is DECLINED for fact in missing)
            if not ordered_behind_unknown:
                self.missing |= missing
        if truth and ordered_behind_unknown:
            self.later_true = True
            return False
        return truth is True


class TrackMachine:
    """A track compiled to one flat `transitions` machine of its leaf states."""

    def __init__(self, track: TrackPlan) -> None:
        self._machine = Machine(
            model=None,
            states=list(track.leaves),
            initial=track.initial[-1].path,
            auto_transitions=False,
            send_event=True,
            ignore_invalid_triggers=True,
        )
        self.triggers = track.triggers
        for leaf in track.leaves:
            for around in reversed(chain_of(leaf)):
                for (path, trigger), candidates in track.handlers.items():
                    if path != around:
                        continue
                    for candidate in candidates:
                        self._machine.add_transition(trigger, leaf, candidate.leaf, conditions=_offering(candidate))
        self._declared = {name: frozenset(event.transitions) for name, event in self._machine.events.items()}

    def select(self, trigger: str, cursor: Cursor) -> None:
        """Tries the states from the cursor's leaf outwards; the result is stored on the cursor."""
        if cursor.state in self._declared.get(trigger, ()):
            self._machine.events[trigger].trigger(cursor)


def _offering(candidate: Candidate) -> Callable[[Any], bool]:
    def condition(event_data: Any) -> bool:
        cursor: Cursor = event_data.model
        return cursor.offer(candidate)

    return condition


@dataclass(frozen=True, slots=True)
class Release:
    """A release ready to run: the compiled journey and a machine for each of its tracks."""

    plan: ReleasePlan
    machines: dict[str, TrackMachine]

    @property
    def id(self) -> str:
        """The digest of the definition."""
        return self.plan.id


def make_release(journey: Journey, rules: int = RULES_VERSION) -> Release:
    """The release of a journey that lints clean, under a version of the engine's rules.

    Raises:
        ConditionError, KeyError, ValueError: for a journey that lint would have refused.
    """
    plan = compile_journey(journey, rules)
    return Release(plan, {track.name: TrackMachine(track) for track in plan.tracks.values()})
