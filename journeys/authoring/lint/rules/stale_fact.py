"""A fact read in a cycle must be required by its trigger or forgotten there, or an old answer is read as a new one.

For every condition of a transition: if the patient can come round to it again without the fact having been required
(`requires`) or forgotten (`forget`) on the way, it is refused. Date facts are not looked at: the days since a date do
not go stale. A fact that never changes once told (a biomarker found at birth) is declared `lasting: true`.

Wrong: `scan_result` read after each scan where `scan_result_reported` does not require it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from journeys.authoring.lint.subject import DeclaredEdge, LintSubject
from journeys.definition.model import Text
from journeys.primitives.graphs import components
from journeys.primitives.problems import Problem

ID = "stale-fact"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each fact that a state reads stale on a trigger, at the first condition that does."""
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
    circles = _Circles(subject.edges)
    seen: set[tuple[str, str, str]] = set()
    for fact, edges in sorted(reading.items()):
        if journey.facts[fact].kind.kind == "date" or journey.facts[fact].lasting:
            continue
        refreshing = frozenset(
            name
            for name, trigger in journey.triggers.items()
            if any(text.text == fact for text in trigger.requires) or _names_no_fact(subject, trigger.requires)
        )
        cyclic = circles.without(refreshing, frozenset(forgetting.get(fact, ())))
        for edge in edges:
            location = (edge.declared_by, edge.trigger, fact)
            can_come = edge.trigger in triggers or edge.trigger.startswith("entered.")
            if can_come and edge.trigger not in refreshing and edge.start in cyclic and location not in seen:
                seen.add(location)
                message = (
                    f"'{fact}' is read in '{edge.declared_by}', where the patient can come again without its being "
                    f"asked anew. Let '{edge.trigger}' require it, forget it in a state on the way, "
                    "or declare it 'lasting: true'."
                )
                yield subject.problem(edge.mark, message)


class _Circles:
    """The leaves that circles run through, worked out once for all facts that are asked anew in the same places."""

    def __init__(self, edges: Sequence[DeclaredEdge]) -> None:
        self.edges = edges
        self.nodes = list(dict.fromkeys(leaf for edge in edges for leaf in (edge.start, edge.end)))
        self.known: dict[tuple[frozenset[str], frozenset[str]], frozenset[str]] = {}

    def without(self, refreshing: frozenset[str], forgetting: frozenset[str]) -> frozenset[str]:
        """Those of the circles in which no trigger requires a fact and no state forgets it."""
        if (refreshing, forgetting) not in self.known:
            remaining = {
                (edge.start, edge.end)
                for edge in self.edges
                if edge.trigger not in refreshing and not edge.enters & forgetting
            }
            self.known[refreshing, forgetting] = frozenset().union(*components(self.nodes, sorted(remaining)))
        return self.known[refreshing, forgetting]


def _names_no_fact(subject: LintSubject, texts: Iterable[Text]) -> bool:
    """Whether a name is misspelt: it may be the one that is looked for, and its own problem is reported."""
    return any(text.text not in subject.journey.facts for text in texts)
