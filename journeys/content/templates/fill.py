"""Fills a template for one world. Values stay separate from the words, so that no value is read as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from journeys.content.markdown import CLOSE, OPEN
from journeys.content.templates.nodes import Branch, FrameValue, Node, OfProgramme, Repeat, Template, Value, Words
from journeys.definition.conditions import World
from journeys.definition.facts import DECLINED
from journeys.definition.facts import Value as FactValue

Show = Callable[[Value, FactValue], str]
#: Returns the text of a value as the reader sees it.


class UnknownValue(Exception):
    """A value is not known where the template shows it; its piece must not be shown to this patient."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"The fact '{fact}' is not known.")
        self.fact = fact


@dataclass(frozen=True, slots=True)
class Filled:
    """Markdown with the number of each value between two private characters, and the texts of the values."""

    text: str
    values: tuple[str, ...]

    @property
    def markdown(self) -> str:
        """The Markdown with the values in place."""
        text = self.text
        for number, value in enumerate(self.values):
            text = text.replace(f"{OPEN}{number}{CLOSE}", value)
        return text


def fill(template: Template, world: World, show: Show) -> Filled:
    """The text of a template in a world; `show` returns the text of each value.

    Raises:
        UnknownValue: when a value is unknown; this cannot happen if the template's `when` is true.
    """
    parts: list[str] = []
    values: list[str] = []
    _fill(template.body, world, show, {}, parts, values)
    return Filled("".join(parts), tuple(values))


def _fill(
    nodes: Iterable[Node],
    world: World,
    show: Show,
    items: dict[str, str],
    parts: list[str],
    values: list[str],
) -> None:
    for node in nodes:
        match node:
            case Words(text):
                parts.append(text)
            case Value():
                parts.append(f"{OPEN}{len(values)}{CLOSE}")
                values.append(show(node, items[node.name] if node.is_item else _known_value(world, node.fact)))
            case OfProgramme(scheme=None):
                parts.append(f"{OPEN}{len(values)}{CLOSE}")
                values.append(node.placeholder if node.text is None else node.text)
            case FrameValue(is_address=False):
                parts.append(f"{OPEN}{len(values)}{CLOSE}")
                values.append(node.placeholder)
            case FrameValue():
                parts.append(node.placeholder)
            case OfProgramme():
                parts.append(node.placeholder if node.text is None else node.text)
            case Branch():
                _fill(taken_arm(node, world), world, show, items, parts, values)
            case Repeat():
                fact_value = _known_value(world, node.fact)
                for item in node.values:
                    if isinstance(fact_value, list) and item in fact_value:
                        _fill(node.body, world, show, {**items, node.name: item}, parts, values)


def taken_arm(branch: Branch, world: World) -> tuple[Node, ...]:
    """The nodes that a choice shows in a world; none where its condition is unknown."""
    for arm in branch.arms:
        truth = arm.condition.ask(world)
        if truth:
            return arm.body
        if truth is None:
            return ()
    return branch.otherwise or ()


def _known_value(world: World, fact: str) -> FactValue:
    value: FactValue | None = world.values.get(fact)
    if value is None or value is DECLINED:
        raise UnknownValue(fact)
    return value
