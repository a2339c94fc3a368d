"""A fact read in a cycle is required by its trigger or forgotten in the cycle; otherwise an old answer is read as new.

The rule checks every condition of a transition. It reports a problem when the patient can return to the state and no
trigger on the path requires the fact (`requires`) and no state forgets it (`forget`). Date facts are exempt, because
the days since a date do not go stale. For a fact that never changes (a biomarker present from birth), declare
`lasting: true`.

Wrong: `scan_result` read after each scan where `scan_result_reported` does not require it.
Right: `scan_result_reported: {requires: [scan_result]}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from journeys.authoring.lint.subject import DeclaredEdge, LintSubject
from journeys.definition.model import Text
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
    reading: dict[str, list[DeclaredEdge]] = {}
    for edge in subject.edges:
        for fact in edge.reads & journey.facts.keys():
            reading.setdefault(fact, []).append(edge)
    triggers = journey.triggers.keys() | {"after"}
    cycles = _Cycles(subject.edges)
    seen: set[tuple[str, str, str]] = set()
    for fact, edges in sorted(reading.items()):
        if journey.facts[fact].kind.kind == "date" or journey.facts[fact].lasting:
            continue
        refreshing = frozenset(
            name
            for name, trigger in journey.triggers.items()
            if any(text.text == fact for text in trigger.requires) or _names_no_fact(subject, trigger.requires)
        )
        cyclic = cycles.without(refreshing, frozenset(forgetting.get(fact, ())))
        for edge in edges:
            location = (edge.declared_by, edge.trigger, fact)
            can_come = edge.trigger in triggers or edge.trigger.startswith("entered.")
            if can_come and edge.trigger not in refreshing and edge.start in cyclic and location not in seen:
                seen.add(location)
                message = (
                    f"'{fact}' is read in '{edge.declared_by}', where the patient can return without a new "
                    f"answer. Let '{edge.trigger}' require it, forget it in a state of the cycle, "
                    "or declare it 'lasting: true'."
                )
                yield subject.problem(edge.mark, message)


class _Cycles:
    """The leaves on cycles, computed once for all facts with the same triggers and forgetting states."""

    def __init__(self, edges: Sequence[DeclaredEdge]) -> None:
        self.edges = edges
        self.nodes = list(dict.fromkeys(leaf for edge in edges for leaf in (edge.start, edge.end)))
        self.known: dict[tuple[frozenset[str], frozenset[str]], frozenset[str]] = {}

    def without(self, refreshing: frozenset[str], forgetting: frozenset[str]) -> frozenset[str]:
        """The leaves on cycles in which no trigger requires the fact and no state forgets it."""
        if (refreshing, forgetting) not in self.known:
            remaining = {
                (edge.start, edge.end)
                for edge in self.edges
                if edge.trigger not in refreshing and not edge.enters & forgetting
            }
            self.known[refreshing, forgetting] = frozenset().union(*components(self.nodes, sorted(remaining)))
        return self.known[refreshing, forgetting]


def _names_no_fact(subject: LintSubject, texts: Iterable[Text]) -> bool:
    """Whether a name is misspelled. It may mean the checked fact, and `unknown-fact` already reports it."""
    return any(text.text not in subject.journey.facts for text in texts)
