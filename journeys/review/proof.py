"""All renderings of a piece with the facts that give each, and counts, made twice, which prove that none is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import prod
from typing import Any

from journeys.content.catalogue import Piece
from journeys.content.rendering import Channel, Rendered, render_rendering
from journeys.content.templates import Branch, Cases, Node, Repeat, Template, Value, renderings, walk
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import (
    Compiled,
    DaysInState,
    Has,
    InState,
    Is,
    Known,
    TooManyCells,
    Visits,
    World,
    cells_of,
    facts_read,
)
from journeys.definition.conditions import Node as Condition
from journeys.definition.conditions import walk as walk_condition
from journeys.definition.facts import wire_value
from journeys.review.blocks import read_body, text_of, within
from journeys.review.examples import Example, examples
from journeys.review.naming import Naming
from journeys.review.reach import reachable_leaves

#: How each channel of a piece is rendered for those who review it.
AS: Mapping[str, Channel] = {"web": "web", "email": "email", "sms": "sms", "push": "push"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One rendering in one channel: what is given out, what must hold as written, and facts that give it.

    `facts` are JSON values by name, `places` open states, `visits` how often states were entered, `now` the instant and
    `since` the beginning of the stay; `given` says facts and places in words. `number` counts the renderings of a text;
    the short channels have one. `reached`: whether any patient can meet it; `paragraphs`: those of the annotated page
    that it is made of.
    """

    number: int
    channel: str
    rendered: Rendered
    condition: str
    given: str
    facts: Mapping[str, Any]
    places: tuple[str, ...]
    visits: Mapping[str, int]
    now: datetime
    since: datetime | None
    reached: bool
    paragraphs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """The renderings of a piece in a locale and channel: `made` by the templates' walk, `counted` from every cell."""

    key: str
    locale: str
    channel: str
    made: int
    counted: int | None

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.made == self.counted


@dataclass(frozen=True, slots=True)
class Proof:
    """All renderings of a piece in a locale; `problems` are sentences about what is not proven."""

    key: str
    locale: str
    shown: tuple[Shown, ...]
    counts: tuple[Count, ...]
    problems: tuple[str, ...]


def prove(piece: Piece, plan: ReleasePlan, locale: str, *, reachable: frozenset[str] | None = None) -> Proof:
    """Every rendering of a piece in a locale, in each channel it goes out by, and the counts."""
    return _Prover(piece, plan, locale, reachable_leaves(plan) if reachable is None else reachable).proof()


def count(template: Template, plan: ReleasePlan) -> int:
    """How many texts a template can give: asked cell by cell, apart from how `renderings` finds them.

    Parts of the text that read nothing in common are counted apart and multiplied.

    Raises:
        TooManyCells: when what meets has too many combinations.
    """
    groups = _groups(template)
    return prod(_count_group(template, plan, members) for members in groups)


class _Prover:
    def __init__(self, piece: Piece, plan: ReleasePlan, locale: str, reachable: frozenset[str]) -> None:
        self.piece = piece
        self.plan = plan
        self.locale = locale
        self.template = piece.texts[locale].body
        self.naming = Naming(plan, locale)
        self.reached = within(self.template, reachable)
        self.body = read_body(self.template, Cases(self.reached, plan), self.naming)

    def proof(self) -> Proof:
        found = examples(self.piece, self.plan, self.locale)
        shown = tuple(self.shown(found))
        counts, why = self.counts(shown, found)
        problems = tuple(dict.fromkeys(self.problems(found, counts, why)))
        return Proof(self.piece.key, self.locale, shown, counts, problems)

    def channels(self) -> Iterator[Channel]:
        text = self.piece.texts[self.locale]
        for channel in self.piece.channels:
            if {"sms": text.text, "push": text.push}.get(channel, "") is not None:
                yield AS[channel]

    def shown(self, found: list[Example]) -> Iterator[Shown]:
        reached = {one.filled for one in renderings(self.reached, self.plan)}
        for channel in self.channels():
            for number, one in enumerate(found, start=1):
                is_short = channel in ("sms", "push")
                world = one.world
                yield Shown(
                    number=number,
                    channel=channel,
                    rendered=render_rendering(self.piece, one.rendering, locale=self.locale, channel=channel),
                    condition="always" if is_short else one.rendering.condition,
                    given=self.naming.world(world),
                    facts={name: wire_value(value) for name, value in world.values.items()},
                    places=tuple(sorted(world.places)),
                    visits=dict(world.visits),
                    now=world.now,
                    since=world.since,
                    reached=one.rendering.filled in reached,
                    paragraphs=() if is_short else tuple(number for number in self.body.shown(world) if number),
                )
                if is_short:
                    break

    def counts(self, shown: tuple[Shown, ...], found: list[Example]) -> tuple[tuple[Count, ...], str]:
        why = ""
        counted: int | None = None
        try:
            counted = count(self.template, self.plan)
        except TooManyCells as error:
            why = str(error)
        made = [one.channel for one in shown]
        counts = []
        for channel in self.channels():
            again = counted if counted is None or channel not in ("sms", "push") else min(counted, 1)
            counts.append(Count(self.piece.key, self.locale, channel, made.count(channel), again))
        return tuple(counts), why

    def problems(self, found: list[Example], counts: Iterable[Count], why: str) -> Iterator[str]:
        label = self.naming.label
        if why:
            yield label("problem_uncounted", why=why)
        for one in counts:
            if one.counted is not None and not one.agrees:
                yield label("problem_count", made=one.made, counted=one.counted)
        if not all(one.holds for one in found):
            yield label("problem_example")
        shown = {number for one in found for number in self.body.shown(one.world)}
        for block in self.body.blocks:
            if block.is_reached and block.number not in shown:
                yield label("problem_block", number=block.number)


# --- counting by cells -------------------------------------------------------------------------------------------


def _groups(template: Template) -> list[frozenset[int]]:
    """The top-level nodes of a text, those together that read something in common, directly or by the piece's `when`.

    -1 stands for `when`.
    """
    reads = {number: _reads(_asked([node])) for number, node in enumerate(template.body)}
    reads[-1] = _reads([template.when.node] if template.when is not None else [])
    groups: list[tuple[set[int], set[str]]] = []
    for number, variables in reads.items():
        meeting = [group for group in groups if group[1] & variables]
        groups = [group for group in groups if not group[1] & variables]
        numbers = {number}.union(*(group[0] for group in meeting))
        groups.append((numbers, variables.union(*(group[1] for group in meeting))))
    return [frozenset(numbers) for numbers, _ in groups]


def _count_group(template: Template, plan: ReleasePlan, members: frozenset[int]) -> int:
    """How many texts the members give; what does not belong to them stands for itself."""
    own = [node for number, node in enumerate(template.body) if number in members]
    when = template.when if -1 in members else None
    asked = [*_asked(own), *([when.node] if when is not None else [])]
    if not asked:
        return 1
    texts = {
        "\0".join(text_of([node], world) if number in members else "" for number, node in enumerate(template.body))
        for world in _worlds(asked, template, plan, own)
        if _is_true(when, world)
    }
    return len(texts)


def _is_true(when: Compiled | None, world: World) -> bool:
    return when is None or when.ask(world) is True


def _asked(nodes: Iterable[Node]) -> list[Condition]:
    found: list[Condition] = []
    for node in walk(nodes):
        match node:
            case Branch(arms, _):
                found += [arm.condition.node for arm in arms]
            case Repeat():
                found.append(Known(node.fact))
            case Value() if not node.is_item:
                found.append(Known(node.fact))
            case _:
                pass
    return found


def _reads(conditions: Iterable[Condition]) -> set[str]:
    found: set[str] = set()
    for condition in conditions:
        found |= facts_read(condition)
        for part in walk_condition(condition):
            match part:
                case InState(path):
                    found.add(f"in {path.partition('.')[0]}")
                case Visits(path):
                    found.add(f"visits {path}")
                case DaysInState():
                    found.add("days in state")
                case _:
                    pass
    return found


def _worlds(asked: list[Condition], template: Template, plan: ReleasePlan, nodes: Iterable[Node]) -> Iterator[World]:
    """A world for every cell: choices take every value, coarse ones too; sets of loops hold an item or none."""
    kinds = dict(plan.facts)
    extra: list[Condition] = []
    for fact in {part.fact for one in asked for part in walk_condition(one) if isinstance(part, Is)}:
        kinds[fact] = replace(kinds[fact], leaves=kinds[fact].values)
        extra += [Is(fact, (value,)) for value in kinds[fact].values]
    for fact in {node.fact for node in walk(nodes) if isinstance(node, Repeat)}:
        extra.append(Has(fact, kinds[fact].values[0]))
    tracks = {part.path.partition(".")[0] for one in asked for part in walk_condition(one) if isinstance(part, InState)}
    leaves = {track: template.leaves[track] for track in sorted(tracks)}
    return cells_of([*asked, *extra], kinds, leaves, unknown=True)
