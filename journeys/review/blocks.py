"""Divides a body into blocks: every paragraph once, conditional ones with their rule. It does not evaluate patients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from journeys.content.markdown import CLOSE, OPEN
from journeys.content.templates import (
    Branch,
    Cases,
    Filled,
    FrameValue,
    Node,
    OfProgramme,
    Repeat,
    SourcePosition,
    Template,
    Value,
    Words,
)
from journeys.content.templates.certainty import Context, Question
from journeys.definition.conditions import Node as Condition
from journeys.definition.conditions import Not, World
from journeys.review.naming import Naming

BEGIN, MIDDLE, END = "\ue002", "\ue003", "\ue004"
#: Marks around a conditional part of a paragraph: BEGIN, the number of its rule, MIDDLE, the words, END.


@dataclass(frozen=True, slots=True)
class BlockRule:
    """The condition of a block: in words of the page's language, as the author wrote it, and its position in the file.

    `reached`: whether the declared states and facts let any patient see the block.
    """

    words: str
    condition: str
    place: SourcePosition
    reached: bool
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class ReviewBlock:
    """A part of a body that is shown as a unit, except for the parts that its `inside` rules leave out.

    `filled` is Markdown with placeholders as values, and marks around conditional parts of a paragraph; the block is
    shown if all of its `rules` hold (none: always).
    """

    number: int
    filled: Filled
    rules: tuple[BlockRule, ...] = ()
    inside: tuple[BlockRule, ...] = ()

    @property
    def is_reached(self) -> bool:
        """Whether any patient can see the block."""
        return all(rule.reached for rule in self.rules)


@dataclass(frozen=True, slots=True)
class _Leaf:
    block: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    branch: Branch
    arms: tuple[tuple[_Part, ...], ...]
    otherwise: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Loop:
    repeat: Repeat
    parts: tuple[_Part, ...]


_Part = _Leaf | _Choice | _Loop


@dataclass(frozen=True, slots=True)
class Body:
    """A text as blocks, in document order."""

    blocks: tuple[ReviewBlock, ...]
    _parts: tuple[_Part, ...] = field(repr=False)

    def shown(self, world: World) -> tuple[int, ...]:
        """The numbers of the blocks that are shown in a world."""
        return tuple(leaf.block for leaf in _chosen(self._parts, world))

    def text(self, world: World) -> str:
        """The text shown in a world, joined from the blocks; values as placeholders, a loop's body once."""
        return "".join(text_of(leaf.nodes, world) for leaf in _chosen(self._parts, world))


def read_body(template: Template, cases: Cases, naming: Naming) -> Body:
    """The blocks of a template.

    Args:
        template: the text.
        cases: the cases of the template, limited to reachable states.
        naming: the words for rules.
    """
    reader = _BlockReader(cases, naming)
    start = cases.start if cases.is_possible(cases.start) else None
    parts = reader.parts(template.body, (), start)
    return Body(tuple(reader.blocks), parts)


class _BlockReader:
    """Walks a template once and cuts it at each line that begins with a condition."""

    def __init__(self, cases: Cases, naming: Naming) -> None:
        self.cases = cases
        self.naming = naming
        self.blocks: list[ReviewBlock] = []

    def parts(self, nodes: Sequence[Node], rules: tuple[BlockRule, ...], context: Context | None) -> tuple[_Part, ...]:
        parts: list[_Part] = []
        waiting: list[Node] = []
        for node in nodes:
            if isinstance(node, Branch | Repeat) and _ends_line(waiting) and _is_of_lines(node):
                parts += self.leaf(waiting, rules, context)
                waiting = []
                parts.append(self.cut(node, rules, context))
            else:
                waiting.append(node)
        return (*parts, *self.leaf(waiting, rules, context))

    def leaf(self, nodes: Sequence[Node], rules: tuple[BlockRule, ...], context: Context | None) -> Iterator[_Leaf]:
        if not nodes or _is_blank(nodes):
            if nodes:
                yield _Leaf(0, tuple(nodes))
            return
        writer = _Inside(self, context)
        writer.write(nodes, context)
        block = ReviewBlock(
            len(self.blocks) + 1, Filled("".join(writer.text), tuple(writer.values)), rules, tuple(writer.rules)
        )
        self.blocks.append(block)
        yield _Leaf(block.number, tuple(nodes))

    def cut(self, node: Branch | Repeat, rules: tuple[BlockRule, ...], context: Context | None) -> _Part:
        if isinstance(node, Repeat):
            rule, inner = self.repeated(node, context)
            return _Loop(node, self.parts(node.body, (*rules, rule), inner))
        bodies = [self.parts(body, (*rules, rule), inner) for body, rule, inner in self.arms(node, context)]
        if node.otherwise is None:
            return _Choice(node, tuple(bodies), ())
        return _Choice(node, tuple(bodies[:-1]), bodies[-1])

    def arms(
        self, branch: Branch, context: Context | None
    ) -> Iterator[tuple[tuple[Node, ...], BlockRule, Context | None]]:
        """Each arm, `else` last: its nodes, its rule, and the remaining context."""
        before: list[Condition] = []
        written: list[str] = []
        for arm in branch.arms:
            question: Question = ("if", arm.condition.node)
            inner = self.narrowed(context, question, (True,))
            words = self.naming.rule(*(Not(condition) for condition in before), arm.condition.node)
            condition = "; ".join([*(f"not: {condition_text}" for condition_text in written), arm.condition.text])
            yield arm.body, BlockRule(words, condition, arm.place, inner is not None), inner
            context = self.narrowed(context, question, (False,))
            before.append(arm.condition.node)
            written.append(arm.condition.text)
        if branch.otherwise is not None:
            words = self.naming.rule(*(Not(condition) for condition in before))
            condition = "; ".join(f"not: {condition_text}" for condition_text in written)
            yield branch.otherwise, BlockRule(words, condition, branch.arms[-1].place, context is not None), context

    def repeated(self, node: Repeat, context: Context | None) -> tuple[BlockRule, Context | None]:
        inner = self.narrowed(context, ("known", node.fact), (True,))
        words = self.naming.each(node.fact)
        return BlockRule(words, f"for {node.name} in {node.fact}", node.place, inner is not None, repeats=True), inner

    def narrowed(self, context: Context | None, question: Question, accepted: tuple[bool, ...]) -> Context | None:
        if context is None:
            return None
        left = self.cases.keep(context, question, accepted)
        return left if self.cases.is_possible(left) else None


class _Inside:
    """Writes one block, with marks around its conditional parts."""

    def __init__(self, reader: _BlockReader, context: Context | None) -> None:
        self.reader = reader
        self.text: list[str] = []
        self.values: list[str] = []
        self.rules: list[BlockRule] = []

    def write(self, nodes: Iterable[Node], context: Context | None) -> None:
        for node in nodes:
            match node:
                case Words(text):
                    self.text.append(text)
                case OfProgramme(scheme=scheme) if scheme is not None:
                    self.text.append(node.placeholder if node.text is None else node.text)
                case FrameValue() if node.is_address:
                    self.text.append(node.placeholder)
                case Value() | OfProgramme() | FrameValue():
                    programme_text = node.text if isinstance(node, OfProgramme) else None
                    self.text.append(f"{OPEN}{len(self.values)}{CLOSE}")
                    self.values.append(node.placeholder if programme_text is None else programme_text)
                case Repeat():
                    rule, inner = self.reader.repeated(node, context)
                    self.inside(node.body, rule, inner)
                case Branch():
                    for body, rule, inner in self.reader.arms(node, context):
                        self.inside(body, rule, inner)

    def inside(self, nodes: Iterable[Node], rule: BlockRule, context: Context | None) -> None:
        self.text.append(f"{BEGIN}{len(self.rules)}{MIDDLE}")
        self.rules.append(rule)
        self.write(nodes, context)
        self.text.append(END)


def _is_of_lines(node: Branch | Repeat) -> bool:
    """Whether all contents consist of whole lines."""
    if isinstance(node, Repeat):
        return _ends_line(node.body)
    return all(_ends_line(body) for body in (*(arm.body for arm in node.arms), node.otherwise or ()))


def _ends_line(nodes: Sequence[Node]) -> bool:
    """Whether the next node begins a line."""
    if not nodes:
        return True
    match nodes[-1]:
        case Words(text):
            return text.endswith("\n")
        case Branch() | Repeat() as last:
            return _is_of_lines(last) and _ends_line(nodes[:-1])
        case _:
            return False


def _is_blank(nodes: Iterable[Node]) -> bool:
    return all(isinstance(node, Words) and not node.text.strip() for node in nodes)


def _chosen(parts: Iterable[_Part], world: World) -> Iterator[_Leaf]:
    for part in parts:
        match part:
            case _Leaf():
                yield part
            case _Loop(repeat, inner):
                if world.values.get(repeat.fact):
                    yield from _chosen(inner, world)
            case _Choice(branch, arms, otherwise):
                number = chosen_arm(branch, world)
                if number is not None:
                    yield from _chosen((*arms, otherwise)[number], world)


def chosen_arm(branch: Branch, world: World) -> int | None:
    """The number of the arm that a world takes (for `else`, the number of arms); None if it takes none."""
    for number, arm in enumerate(branch.arms):
        truth = arm.condition.ask(world)
        if truth:
            return number
        if truth is None:
            return None
    return len(branch.arms) if branch.otherwise is not None else None


def text_of(nodes: Iterable[Node], world: World) -> str:
    """The Markdown that nodes show in a world: values as placeholders, the body of a loop once."""
    parts: list[str] = []
    for node in nodes:
        match node:
            case Words(text):
                parts.append(text)
            case Value() | OfProgramme() | FrameValue():
                parts.append(node.placeholder)
            case Repeat():
                parts.append(text_of(node.body, world) if world.values.get(node.fact) else "")
            case Branch():
                number = chosen_arm(node, world)
                bodies = (*(arm.body for arm in node.arms), node.otherwise or ())
                parts.append(text_of(bodies[number], world) if number is not None else "")
    return "".join(parts)


def within(template: Template, leaves: frozenset[str]) -> Template:
    """The template limited to these leaf states; a track without any of them keeps all of its states."""
    left: Mapping[str, tuple[str, ...]] = {
        track: tuple(leaf for leaf in all_leaves if leaf in leaves) or all_leaves
        for track, all_leaves in template.leaves.items()
    }
    return replace(template, leaves=left)
