"""Lists the renderings of a piece, each with an example world. The proof that none is missing is in `proof`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from journeys.content.catalogue import Piece
from journeys.content.templates import Rendering, Repeat, Template, renderings, walk
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World
from journeys.review.blocks import text_of


@dataclass(frozen=True, slots=True)
class Example:
    """A rendering and an example world; `holds`: whether that world leads to exactly these words."""

    rendering: Rendering
    world: World
    holds: bool


def examples(piece: Piece, plan: ReleasePlan, locale: str) -> list[Example]:
    """The renderings of a piece in a locale, in order."""
    template = piece.texts[locale].body
    return [_example(template, rendering) for rendering in renderings(template, plan)]


def _example(template: Template, rendering: Rendering) -> Example:
    """An example from the rendering's world, with items in the sets of loops until the world leads to its words."""
    expected_text = rendering.text
    for world in _worlds(template, rendering.example):
        if text_of(template.body, world) == expected_text and (template.when is None or template.when.ask(world)):
            return Example(rendering, world, True)
    return Example(rendering, rendering.example, False)


def _worlds(template: Template, world: World) -> Iterator[World]:
    yield world
    sets = {node.fact: node.values for node in walk(template.body) if isinstance(node, Repeat)}
    filled_sets = [(fact, values) for fact, values in sets.items() if isinstance(world.values.get(fact), list)]
    for items in itertools.product(*((None, *values) for _, values in filled_sets)):
        added = {
            fact: [*world.values[fact], item]
            for (fact, _), item in zip(filled_sets, items, strict=True)
            if item is not None and item not in world.values[fact]
        }
        if added:
            yield replace(world, values={**world.values, **added})
