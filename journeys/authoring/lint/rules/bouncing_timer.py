"""No way into a state is undone at once by a timer of that state which is already due on entry.

A timer `from` a date is due on entry where the date lies further back than its delay. The rule works out how long ago a
date must be in each state: a timer that counted from it led there, and no trigger on the way requires or resets the
date and no state forgets it. It warns where such a way enters a state with a shorter timer from the same date.

Wrong: `scan_due: {on: {scan_cancelled: next_in_6_months}}`, where `next_in_6_months` has a timer of P6M from
`last_scan_on` to `scan_due`: the patient is back at once.
Right: `scan_cancelled: {requires: [last_scan_on]}`, or a state `cancelled` whose timer counts from its entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions.nodes import Known, Not
from journeys.definition.graph import Edge, beginnings_of, leaf_steps
from journeys.definition.model import RAISED, STAY, Timer
from journeys.primitives.durations import Duration
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import StatePath, chain_of

ID = "bouncing-timer"
#: The least and the most days of a month.
_SHORT, _LONG = 28, 31
#: In place of a timer: the date is unknown, so that no timer counts from it, however short.
UNKNOWN = Timer("unknown", "P900Y")


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each way that a due timer undoes at once, at the timer or transition that leads there."""
    elapsed = _Elapsed(subject)
    seen: set[tuple[str, str, str]] = set()
    for leaf, edge in elapsed.steps:
        for full, timer in _timers_entered(subject, edge):
            passed = elapsed.after(leaf, edge, timer.start or "")
            place = (edge.declared_by, edge.on, timer.name)
            if edge.kind == "timer" or passed is None or not _is_within(timer.duration, passed) or place in seen:
                continue  # timers that follow each other at once are the business of `zero-time-loop`
            seen.add(place)
            message = (
                f"A patient who comes from '{leaf}' by '{edge.on}' leaves '{full}' at once: its timer '{timer.name}' "
                f"is due, as '{timer.start}' is at least {elapsed.written(leaf, edge, timer.start or '')} old. "
                f"Let the trigger require '{timer.start}', or count the timer from entry."
            )
            yield subject.problem(edge.mark, message, "warning")


def _timers_entered(subject: LintSubject, edge: Edge) -> Iterator[tuple[str, Timer]]:
    """The timers without a condition that count from a date and leave a state that an edge enters."""
    states = subject.journey.tracks[edge.track].states
    for full in edge.enters:
        for timer in states[StatePath.parse(full).path].after:
            if timer.start is not None and timer.to is not None and timer.when is None:
                yield full, timer


def _is_within(delay: Duration, passed: Duration) -> bool:
    """Whether a delay is over whenever so much time has passed, however long the months are."""
    if delay.months <= passed.months and delay.rest <= passed.rest:
        return True
    return delay.months * _LONG + delay.rest.days + 1 <= passed.months * _SHORT + passed.rest.days


class _Elapsed:
    """How long ago each date must be in each leaf, at the least; a date without an entry may be of today."""

    def __init__(self, subject: LintSubject) -> None:
        self.subject = subject
        self.steps: Sequence[tuple[str, Edge]] = list(leaf_steps(subject.edges, subject.journey.leaf_paths))
        self.dates = {timer.start for _, _, timer in subject.timers() if timer.start is not None}
        self.known: dict[str, dict[str, Timer] | None] = dict.fromkeys(subject.journey.leaf_paths)
        for _, leaves in beginnings_of(subject.journey):
            self.known |= {str(leaf): {} for leaf in leaves}
        self._spread()

    def after(self, leaf: str, edge: Edge, date: str) -> Duration | None:
        """The time that has passed since a date at the end of an edge, at the least; None: it may be none."""
        timer = self._after(leaf, edge).get(date, UNKNOWN)
        return timer.duration if timer is not UNKNOWN else None

    def written(self, leaf: str, edge: Edge, date: str) -> str:
        """The same as written in the file."""
        return self._after(leaf, edge)[date].delay

    def _spread(self) -> None:
        """Follow every edge until nothing changes: what is known in a leaf holds after each edge that leads to it."""
        is_changed = True
        while is_changed:
            is_changed = False
            for leaf, edge in self.steps:
                if self.known.get(leaf) is None or edge.leads_to not in self.known:
                    continue
                before, arriving = self.known[edge.leads_to], self._after(leaf, edge)
                joined = arriving if before is None else _least(before, arriving)
                if joined != before:
                    self.known[edge.leads_to] = joined
                    is_changed = True

    def _after(self, leaf: str, edge: Edge) -> dict[str, Timer]:
        states = self.subject.journey.tracks[edge.track].states
        known = dict(self.known.get(leaf) or {})
        if edge.trigger.startswith(RAISED):
            known = {}  # the event of another track may bring any date
        trigger = self.subject.journey.triggers.get(edge.trigger)
        changed = {text.text for text in (*trigger.requires, *trigger.resets)} if trigger is not None else set()
        changed |= {text.text for full in edge.enters for text in states[StatePath.parse(full).path].forget}
        if isinstance(edge.declared, Timer) and edge.declared.start is not None:
            earlier = known.get(edge.declared.start)
            if earlier in (None, UNKNOWN) or _is_within(earlier.duration, edge.declared.duration):
                known[edge.declared.start] = edge.declared
        node = self.subject.parsed(edge.declared.when, edge.track) if edge.declared is not None else None
        if isinstance(node, Not) and isinstance(node.part, Known):
            known[node.part.fact] = UNKNOWN
        changed |= self._told_in(edge.leads_to)
        return {date: timer for date, timer in known.items() if date not in changed}

    def _told_in(self, leaf: str) -> set[str]:
        """The dates that a trigger brings on which the patient stays in a leaf."""
        state = StatePath.parse(leaf)
        states = self.subject.journey.tracks[state.track].states
        triggers = {
            transition.trigger
            for path in chain_of(state.path)
            if path in states
            for transition in states[path].on
            if transition.to == STAY
        }
        declared = self.subject.journey.triggers
        return {text.text for name in triggers if name in declared for text in declared[name].requires}


def _least(one: Mapping[str, Timer], other: Mapping[str, Timer]) -> dict[str, Timer]:
    """What is known both ways, of each date the shorter time."""
    return {
        date: timer if _is_within(timer.duration, other[date].duration) else other[date]
        for date, timer in one.items()
        if date in other
    }
