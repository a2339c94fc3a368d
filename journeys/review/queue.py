"""The queue of a reviewer: texts that wait for a signature, the ones with the greatest risk first. Pure.

It does not know who signs, and it stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from journeys.content.catalogue import Piece
from journeys.definition.compiler import ReleasePlan
from journeys.primitives.state_path import chain_of, is_within
from journeys.review.approval import STRUCTURE, Subject, SubjectKind

Risk = Literal["held", "end_of_life", "treatment", "safety", "other", "structure"]
#: The risks in the order of a queue, each with its name on a page.
RISKS: Mapping[Risk, str] = {
    "held": "Held news",
    "end_of_life": "Kept to some states",
    "treatment": "Treatment",
    "safety": "Safety",
    "other": "",
    "structure": "Titles and words",
}


@dataclass(frozen=True, slots=True)
class TextToSign:
    """A text in one language that waits for a signature; `due` is the end of its present approval, None without one."""

    subject: Subject
    digest: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A piece, or the structure of a release, with its texts that wait: one for each language, in declared order.

    `states` are the full paths of the states in which the piece is shown.
    """

    kind: SubjectKind
    key: str
    risk: Risk
    states: tuple[str, ...]
    texts: tuple[TextToSign, ...]

    @property
    def due(self) -> datetime | None:
        """The first end of a present approval, or None."""
        return min((text.due for text in self.texts if text.due is not None), default=None)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The part of a queue that is read; an empty value sets no limit.

    `state` is the full path of a state or a track, `locale` a language, `due_before` the instant before which an
    approval ends.
    """

    state: str = ""
    locale: str = ""
    due_before: datetime | None = None


def risk_of(piece: Piece, plan: ReleasePlan) -> Risk:
    """Return the risk of a piece, by what it and its journey declare; the first that applies:

    - `held`: it is shown in a state that is held, or reads a held fact in its condition;
    - `end_of_life`: a property keeps one of its tags to some states (`never: {content_tag: hospice, unless: …}`);
    - `treatment`: this is its purpose;
    - `safety`: it is critical, or a property of the journey demands it (`always: {piece: …}` or `{first: …}`).
    """
    around = {state for full in piece.states for state in chain_of(full) if state in plan.states}
    facts = set(piece.when.facts) if piece.when is not None else set()
    properties = plan.journey.properties
    kept_tags = {declared.name.text for declared in properties if declared.subject == "content_tag" and declared.unless}
    demanded = {
        declared.name.text
        for declared in properties
        if declared.kind == "always" and declared.subject in ("piece", "first")
    }
    if any(plan.states[state].hold for state in around) or plan.held_facts.keys() & facts:
        return "held"
    if kept_tags & set(piece.tags):
        return "end_of_life"
    if piece.purpose == "treatment":
        return "treatment"
    return "safety" if piece.is_critical or piece.key in demanded else "other"


def queue_of(plan: ReleasePlan, pieces: Iterable[Piece], waiting: Collection[TextToSign]) -> list[QueueItem]:
    """Return what waits under a release, the greatest risk first, then in the order of the pieces.

    Args:
        plan: the release.
        pieces: its pieces in the order of the journey.
        waiting: the texts that wait.
    """
    ranks = {locale: rank for rank, locale in enumerate(plan.journey.locales)}
    by_item: dict[tuple[SubjectKind, str], list[TextToSign]] = {}
    for text in sorted(waiting, key=lambda text: ranks.get(text.subject.locale, len(ranks))):
        by_item.setdefault((text.subject.kind, text.subject.key), []).append(text)
    items = [
        QueueItem("piece", piece.key, risk_of(piece, plan), piece.states, tuple(by_item["piece", piece.key]))
        for piece in pieces
        if ("piece", piece.key) in by_item
    ]
    if (STRUCTURE, plan.id) in by_item:
        items.append(QueueItem("structure", plan.id, "structure", (), tuple(by_item["structure", plan.id])))
    order = list(RISKS)
    return sorted(items, key=lambda item: order.index(item.risk))


def narrowed(items: Iterable[QueueItem], limits: QueueFilter) -> list[QueueItem]:
    """Return the items that a filter leaves, each with the texts that it leaves."""
    shown = [
        replace(item, texts=tuple(text for text in item.texts if _is_within_limits(text, limits)))
        for item in items
        if not limits.state or any(is_within(state, limits.state) for state in item.states)
    ]
    return [item for item in shown if item.texts]


def next_open(items: Sequence[QueueItem], position: int, is_open: Callable[[QueueItem], bool]) -> QueueItem | None:
    """Return the first open item from a position on, and after the last from the beginning; None without one."""
    return next((item for item in (*items[position:], *items[:position]) if is_open(item)), None)


def _is_within_limits(text: TextToSign, limits: QueueFilter) -> bool:
    if limits.locale and text.subject.locale != limits.locale:
        return False
    return limits.due_before is None or (text.due is not None and text.due < limits.due_before)
