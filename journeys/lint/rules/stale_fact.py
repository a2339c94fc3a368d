"""A fact read in a cycle must be required by its trigger or forgotten there, or an old answer is read as a new one.

For every condition of a transition: if the patient can come round to it again without the fact having been required
(`requires`) or forgotten (`forget`) on the way, it is refused. Date facts are not looked at: the days since a date do
not go stale. A fact that never changes once told (a biomarker found at birth) is declared `lasting: true`.

Wrong: `scan_result` read after each scan where `scan_result_reported` does not require it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journeys.lint.subject import Edge, Subject, components
from journeys.model import Text
from journeys.problems import Problem

ID = "stale-fact"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each fact that a state reads stale on a trigger, at the first condition that does."""
    journey = subject.journey
    forgetting: dict[str, set[str]] = {}
    for track, state in subject.states():
        for fact in journey.facts if _names_no_fact(subject, state.forget) else [text.text for text in state.forget]:
            forgetting.setdefault(fact, set()).add(f"{track.name}.{state.path}")
    read = {fact for edge in subject.edges for fact in edge.reads if fact in journey.facts}
    seen: set[tuple[str, str, str]] = set()
    for fact in sorted(read):
        if journey.facts[fact].kind.kind == "date" or journey.facts[fact].lasting:
            continue
        refreshing = {
            name
            for name, trigger in journey.triggers.items()
            if any(one.text == fact for one in trigger.requires) or _names_no_fact(subject, trigger.requires)
        }
        kept = [
            edge
            for edge in subject.edges
            if edge.trigger not in refreshing and not edge.enters & forgetting.get(fact, set())
        ]
        for edge in _round_again(subject, fact, kept, refreshing):
            place = (edge.declared_by, edge.trigger, fact)
            if place not in seen:
                seen.add(place)
                message = (
                    f"'{fact}' is read in '{edge.declared_by}', where the patient can come again without its being "
                    f"asked anew. Let '{edge.trigger}' require it, forget it in a state on the way, "
                    "or declare it 'lasting: true'."
                )
                yield subject.problem(edge.mark, message)


def _round_again(subject: Subject, fact: str, kept: list[Edge], refreshing: set[str]) -> Iterator[Edge]:
    """The edges that read the fact in a state that a cycle of unrefreshing edges runs through."""
    nodes = list(dict.fromkeys(leaf for edge in subject.edges for leaf in (edge.start, edge.end)))
    cyclic = frozenset().union(*components(nodes, [(edge.start, edge.end) for edge in kept]))
    known = subject.journey.triggers.keys() | {"after"}
    for edge in subject.edges:
        can_come = edge.trigger in known or edge.trigger.startswith("entered.")
        if fact in edge.reads and can_come and edge.trigger not in refreshing and edge.start in cyclic:
            yield edge


def _names_no_fact(subject: Subject, texts: Iterable[Text]) -> bool:
    """Whether a name is misspelt: it may be the one that is looked for, and its own problem is reported."""
    return any(text.text not in subject.journey.facts for text in texts)
