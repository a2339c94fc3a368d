"""A fact read in a cycle is required, reset or forgotten in the cycle; otherwise an old answer is read as new.

The rule checks every condition of a transition. It reports a problem when the patient can return to the state and no
trigger on the path requires or resets the fact (`requires`, `resets`) and no state forgets it (`forget`). Date facts
are exempt, because the days since a date do not go stale. For a fact that never changes (a biomarker present from
birth), declare `lasting: true`.

Wrong: `scan_result` read after each scan where `scan_result_reported` does not require it.
Right: `scan_result_reported: {requires: [scan_result]}`, where the event waits for a new answer, or
`scan_result_reported: {resets: [scan_result]}`, where it goes on without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions import facts_read
from journeys.definition.graph import AFTER, Edge, leaf_steps
from journeys.definition.model import RAISED, Text
from journeys.primitives.graphs import components
from journeys.primitives.problems import Problem

ID = "stale-fact"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each fact that a state can read stale on a trigger, at the first such condition."""
    journey = subject.journey
    forgetting: dict[str, set[str]] = {}
    for track, state in subject.states():
        for fact in journey.facts if _names_no_fact(subject, state.forget) else [text.text for text in state.forget]:
            forgetting.setdefault(fact, set()).add(f"{track.name}.{state.path}")
    steps = list(leaf_steps(subject.edges, journey.leaf_paths))
    reading: dict[str, list[tuple[str, Edge]]] = {}
    for leaf, edge in steps:
        for fact in _facts_of(subject, edge) & journey.facts.keys():
            reading.setdefault(fact, []).append((leaf, edge))
    triggers = journey.triggers.keys() | {AFTER}
    cycles = _Cycles(steps)
    seen: set[tuple[str, str, str]] = set()
    for fact, reading_steps in sorted(reading.items(), key=lambda item: item[0]):
        if journey.facts[fact].kind.kind == "date" or journey.facts[fact].lasting:
            continue
        refreshing = frozenset(
            name
            for name, trigger in journey.triggers.items()
            if any(text.text == fact or text.text not in journey.facts for text in (*trigger.requires, *trigger.resets))
        )
        cyclic = cycles.without(refreshing, frozenset(forgetting.get(fact, ())))
        for leaf, edge in reading_steps:
            location = (edge.declared_by, edge.trigger, fact)
            can_come = edge.trigger in triggers or edge.trigger.startswith(RAISED)
            if can_come and edge.trigger not in refreshing and leaf in cyclic and location not in seen:
                seen.add(location)
                message = (
                    f"'{fact}' is read in '{edge.declared_by}', where the patient can return without a new "
                    f"answer. Let '{edge.trigger}' require or reset it, forget it in a state of the cycle, "
                    "or declare it 'lasting: true'."
                )
                yield subject.problem(edge.mark, message)


def _facts_of(subject: LintSubject, edge: Edge) -> frozenset[str]:
    node = subject.parsed(edge.declared.when, edge.track) if edge.declared is not None else None
    return facts_read(node) if node is not None else frozenset()


class _Cycles:
    """The leaves on cycles, computed once for all facts with the same triggers and forgetting states."""

    def __init__(self, steps: Sequence[tuple[str, Edge]]) -> None:
        self.steps = steps
        self.nodes = list(dict.fromkeys(node for leaf, edge in steps for node in (leaf, edge.leads_to)))
        self.known: dict[tuple[frozenset[str], frozenset[str]], frozenset[str]] = {}

    def without(self, refreshing: frozenset[str], forgetting: frozenset[str]) -> frozenset[str]:
        """The leaves on cycles in which no trigger requires or resets the fact and no state forgets it."""
        if (refreshing, forgetting) not in self.known:
            remaining = {
                (leaf, edge.leads_to)
                for leaf, edge in self.steps
                if edge.trigger not in refreshing and forgetting.isdisjoint(edge.enters)
            }
            self.known[refreshing, forgetting] = frozenset().union(*components(self.nodes, sorted(remaining)))
        return self.known[refreshing, forgetting]


def _names_no_fact(subject: LintSubject, texts: Iterable[Text]) -> bool:
    """Whether a name is misspelled. It may mean the checked fact, and `unknown-fact` already reports it."""
    return any(text.text not in subject.journey.facts for text in texts)
