"""A state whose only way on is a timer `from` a date is entered only with that date; otherwise nothing happens there.

A timer does not start while its date is unknown. The rule looks at the leaf states that lead to another state only by
timers with `from`. It reports those that a patient can enter, or be in, without the dates: `asks` of an entry may be
skipped, and a state may `forget` the date or a trigger `resets` it. A date is certain after a trigger that `requires`
it, after a timer that counts from it, and after a `when` that is true only if it is known. Where it was declined, the
timer does not start either: a second timer, from the entry, covers that too.

Wrong: `none_due: {after: [{delay: P1Y, from: last_visit_on, to: due}]}` as the first state.
Right: the same with `{delay: P1M, to: due, when: last_visit_on is not known}` as a second timer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions import known_when
from journeys.definition.graph import Edge, beginnings_of, leaf_steps
from journeys.definition.model import RAISED, Timer
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import track_of

ID = "lost-timer"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem at the first timer of each leaf state that a patient may never leave."""
    steps = list(leaf_steps(subject.edges, subject.journey.leaf_paths))
    ways_on: dict[str, list[Edge]] = {}
    for leaf, edge in steps:
        if edge.leads_to != leaf:
            ways_on.setdefault(leaf, []).append(edge)
    unknown = _UnknownDates(subject, steps)
    for leaf, edges in ways_on.items():
        dates = [edge.declared.start if isinstance(edge.declared, Timer) else None for edge in edges]
        names = list(dict.fromkeys(date for date in dates if date is not None and date in subject.journey.facts))
        if None not in dates and names and all(leaf in unknown.leaves(name) for name in names):
            one_of = " or ".join(f"'{name}'" for name in names)
            message = (
                f"'{leaf}' can be left only by a timer from {one_of}, which can be unknown there; then the patient "
                f"stays for ever. Let what leads there require it, or add a timer with 'when: {names[0]} is not known'."
            )
            yield subject.problem(edges[0].mark, message)


class _UnknownDates:
    """The leaves in which a date may be unknown, worked out once for each date."""

    def __init__(self, subject: LintSubject, steps: Sequence[tuple[str, Edge]]) -> None:
        self.subject = subject
        self.steps = steps
        self.beginnings = {str(leaf) for _, leaves in beginnings_of(subject.journey) for leaf in leaves}
        self.results: dict[str, frozenset[str]] = {}

    def leaves(self, date: str) -> frozenset[str]:
        """The leaves (full paths) in which a patient may be while the date is unknown."""
        if date not in self.results:
            self.results[date] = frozenset(self._spread(date))
        return self.results[date]

    def _spread(self, date: str) -> set[str]:
        journey = self.subject.journey
        forgetting = {
            f"{track.name}.{state.path}": track.name
            for track, state in self.subject.states()
            if any(text.text == date for text in state.forget)
        }
        if any(text.text == date for trigger in journey.triggers.values() for text in trigger.resets):
            return set(journey.leaf_paths)
        lasting = [(leaf, edge) for leaf, edge in self.steps if not self._brings(edge, date)]
        reached = set(self.beginnings)
        reached |= {edge.leads_to for _, edge in lasting if not forgetting.keys().isdisjoint(edge.enters)}
        elsewhere = set(forgetting.values())
        reached |= {leaf for leaf in journey.leaf_paths if elsewhere - {track_of(leaf)}}
        frontier = list(reached)
        following: dict[str, set[str]] = {}
        for leaf, edge in lasting:
            following.setdefault(leaf, set()).add(edge.leads_to)
        while frontier:
            more = following.get(frontier.pop(), set()) - reached
            reached |= more
            frontier += more
        return reached

    def _brings(self, edge: Edge, date: str, visited: frozenset[str] = frozenset()) -> bool:
        """Whether the date is told or declined whenever this edge is taken."""
        is_timer = isinstance(edge.declared, Timer) and edge.declared.start == date
        node = self.subject.parsed(edge.declared.when, edge.track) if edge.declared is not None else None
        if is_timer or (node is not None and date in known_when(node, True)):
            return date not in self._forgotten(edge)
        if not edge.trigger.startswith(RAISED):
            trigger = self.subject.journey.triggers.get(edge.trigger)
            return trigger is not None and any(text.text == date for text in trigger.requires)
        entered = edge.trigger.removeprefix(RAISED)
        entries = [other for _, other in self.steps if entered in other.enters]
        return entered not in visited and all(self._brings(other, date, visited | {entered}) for other in entries)

    def _forgotten(self, edge: Edge) -> set[str]:
        states = self.subject.journey.tracks[edge.track].states
        return {text.text for full in edge.enters for text in states[full.partition(".")[2]].forget}
