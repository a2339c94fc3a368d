"""All renderings of a piece with example facts, and two independent counts that prove that none is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import prod
from typing import Any

from journeys.content.catalogue import Piece
from journeys.content.rendering import Channel, Rendered, Renderer
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
from journeys.definition.graph import reachable_leaves
from journeys.primitives.state_path import track_of
from journeys.review.blocks import read_body, text_of, within
from journeys.review.examples import Example, examples
from journeys.review.naming import Naming

#: The form in which reviewers see each channel of a piece.
AS: Mapping[str, Channel] = {"web": "web", "email": "email", "sms": "sms", "push": "push", "post": "post"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One rendering in one channel: its text, its conditions as written, and example facts that lead to it.

    `facts` are JSON values by name, `places` the open states, `visits` the number of entries of states, `now` the
    instant and `since` the beginning of the stay; `given` has facts and places in words. `number` counts the renderings
    of a text; the short channels have one. `reached`: whether any patient can see the rendering; `paragraphs` are the
    paragraphs of the annotated page that it consists of.
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
class RenderingCount:
    """The number of renderings of a piece in a locale and channel: `made` from the template, `counted` by cells."""

    key: str
    locale: str
    channel: str
    made: int
    counted: int | None

    @property
    def agrees(self) -> bool:
        """Whether both numbers are equal."""
        return self.made == self.counted


@dataclass(frozen=True, slots=True)
class Proof:
    """All renderings of a piece in a locale; `problems` are sentences about claims that are not proven."""

    key: str
    locale: str
    shown: tuple[Shown, ...]
    counts: tuple[RenderingCount, ...]
    problems: tuple[str, ...]


def prove(piece: Piece, plan: ReleasePlan, locale: str, *, reachable: frozenset[str] | None = None) -> Proof:
    """Every rendering of a piece in a locale, in each of its channels, and the counts."""
    return _Prover(piece, plan, locale, reachable_leaves(plan.journey) if reachable is None else reachable).proof()


def count(template: Template, plan: ReleasePlan) -> int:
    """The number of texts that a template can show, counted cell by cell, independently of `renderings`.

    Parts of the text without common facts are counted separately and multiplied.

    Raises:
        TooManyCells: when facts that meet have too many combinations.
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
        self.renderer = Renderer()
        self.reached = within(self.template, reachable)
        self.body = read_body(self.template, Cases(self.reached, plan), self.naming)

    def proof(self) -> Proof:
        all_examples = examples(self.piece, self.plan, self.locale)
        shown = tuple(self.shown(all_examples))
        counts, why = self.counts(shown, all_examples)
        problems = tuple(dict.fromkeys(self.problems(all_examples, counts, why)))
        return Proof(self.piece.key, self.locale, shown, counts, problems)

    def channels(self) -> Iterator[Channel]:
        text = self.piece.texts[self.locale]
        for channel in self.piece.channels:
            if {"sms": text.text, "push": text.push}.get(channel, "") is not None:
                yield AS[channel]

    def shown(self, all_examples: list[Example]) -> Iterator[Shown]:
        reached = {rendering.filled for rendering in renderings(self.reached, self.plan)}
        for channel in self.channels():
            for number, example in enumerate(all_examples, start=1):
                is_short = channel in ("sms", "push")
                world = example.world
                yield Shown(
                    number=number,
                    channel=channel,
                    rendered=self.renderer.render_rendering(
                        self.piece, example.rendering, locale=self.locale, channel=channel
                    ),
                    condition="always" if is_short else example.rendering.condition,
                    given=self.naming.world(world),
                    facts={name: wire_value(value) for name, value in world.values.items()},
                    places=tuple(sorted(world.places)),
                    visits=dict(world.visits),
                    now=world.now,
                    since=world.since,
                    reached=example.rendering.filled in reached,
                    paragraphs=() if is_short else tuple(number for number in self.body.shown(world) if number),
                )
                if is_short:
                    break

    def counts(self, shown: tuple[Shown, ...], all_examples: list[Example]) -> tuple[tuple[RenderingCount, ...], str]:
        why = ""
        counted: int | None = None
        try:
            counted = count(self.template, self.plan)
        except TooManyCells as error:
            why = str(error)
        made = [rendering.channel for rendering in shown]
        counts = []
        for channel in self.channels():
            again = counted if counted is None or channel not in ("sms", "push") else min(counted, 1)
            counts.append(RenderingCount(self.piece.key, self.locale, channel, made.count(channel), again))
        return tuple(counts), why

    def problems(self, all_examples: list[Example], counts: Iterable[RenderingCount], why: str) -> Iterator[str]:
        label = self.naming.label
        if why:
            yield label("problem_uncounted", why=why)
        for channel_count in counts:
            if channel_count.counted is not None and not channel_count.agrees:
                yield label("problem_count", made=channel_count.made, counted=channel_count.counted)
        if not all(example.holds for example in all_examples):
            yield label("problem_example")
        shown = {number for example in all_examples for number in self.body.shown(example.world)}
        for block in self.body.blocks:
            if block.is_reached and block.number not in shown:
                yield label("problem_block", number=block.number)


# --- counting by cells -------------------------------------------------------------------------------------------


def _groups(template: Template) -> list[frozenset[int]]:
    """The top-level nodes of a text in groups with common facts, directly or through the piece's `when`.

    The number -1 represents `when`.
    """
    reads = {number: _reads(_conditions_of([node])) for number, node in enumerate(template.body)}
    reads[-1] = _reads([template.when.node] if template.when is not None else [])
    groups: list[tuple[set[int], set[str]]] = []
    for number, variables in reads.items():
        meeting = [group for group in groups if group[1] & variables]
        groups = [group for group in groups if not group[1] & variables]
        numbers = {number}.union(*(group[0] for group in meeting))
        groups.append((numbers, variables.union(*(group[1] for group in meeting))))
    return [frozenset(numbers) for numbers, _ in groups]


def _count_group(template: Template, plan: ReleasePlan, members: frozenset[int]) -> int:
    """The number of texts of a group's members; nodes outside the group are left out."""
    own = [node for number, node in enumerate(template.body) if number in members]
    when = template.when if -1 in members else None
    conditions = [*_conditions_of(own), *([when.node] if when is not None else [])]
    if not conditions:
        return 1
    texts = {
        "\0".join(text_of([node], world) if number in members else "" for number, node in enumerate(template.body))
        for world in _worlds(conditions, template, plan, own)
        if _is_true(when, world)
    }
    return len(texts)


def _is_true(when: Compiled | None, world: World) -> bool:
    return when is None or when.ask(world) is True


def _conditions_of(nodes: Iterable[Node]) -> list[Condition]:
    conditions: list[Condition] = []
    for node in walk(nodes):
        match node:
            case Branch(arms, _):
                conditions += [arm.condition.node for arm in arms]
            case Repeat():
                conditions.append(Known(node.fact))
            case Value() if not node.is_item:
                conditions.append(Known(node.fact))
            case _:
                pass
    return conditions


def _reads(conditions: Iterable[Condition]) -> set[str]:
    variables: set[str] = set()
    for condition in conditions:
        variables |= facts_read(condition)
        for part in walk_condition(condition):
            match part:
                case InState(path):
                    variables.add(f"in {track_of(path)}")
                case Visits(path):
                    variables.add(f"visits {path}")
                case DaysInState():
                    variables.add("days in state")
                case _:
                    pass
    return variables


def _worlds(
    conditions: list[Condition], template: Template, plan: ReleasePlan, nodes: Iterable[Node]
) -> Iterator[World]:
    """A world for every cell: choices take every value, including coarse ones; sets of loops have one item or none."""
    kinds = dict(plan.facts)
    extra: list[Condition] = []
    for fact in {part.fact for condition in conditions for part in walk_condition(condition) if isinstance(part, Is)}:
        kinds[fact] = replace(kinds[fact], leaves=kinds[fact].values)
        extra += [Is(fact, (value,)) for value in kinds[fact].values]
    for fact in {node.fact for node in walk(nodes) if isinstance(node, Repeat)}:
        extra.append(Has(fact, kinds[fact].values[0]))
    tracks = {
        track_of(part.path)
        for condition in conditions
        for part in walk_condition(condition)
        if isinstance(part, InState)
    }
    leaves = {track: template.leaves[track] for track in sorted(tracks)}
    return cells_of([*conditions, *extra], kinds, leaves, unknown=True)
