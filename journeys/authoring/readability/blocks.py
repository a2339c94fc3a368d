"""The blocks of a piece that a reader may see: each rendering's headings, paragraphs, items and cells, with positions.

It reads Markdown and counts nothing. The text of a block shows values as `⟨name⟩` and links as their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from journeys.content.catalogue import PieceText
from journeys.content.markdown import CLOSE, OPEN, parse
from journeys.content.templates import (
    Arm,
    Branch,
    Filled,
    FrameValue,
    Node,
    OfProgramme,
    Rendering,
    Repeat,
    SourcePosition,
    Template,
    TooManyRenderings,
    Value,
    Words,
    renderings,
)
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import TooManyCells

if TYPE_CHECKING:
    from markdown_it.token import Token

Kind = Literal["line", "heading", "paragraph", "item", "cell", "other"]

_BEGIN, _END = "\ue010", "\ue011"
_MARK = re.compile(f"{_BEGIN}([0-9]+){_END}")
#: Around the number of a position, before each line's first letter and each value, while Markdown is read.
_LETTER = re.compile(r"^((?:[^\w\n]|_)*+(?:\d+[.)] +)?(?:[^\w\n]|_)*+)(?=[^\W_])", re.MULTILINE)
_PUT_IN = re.compile(f"{OPEN}([0-9]+){CLOSE}")
#: Markdown that reaches across blank lines: fences, and link targets that are defined elsewhere.
_WHOLE = re.compile(r"^ {0,3}(```|~~~|\[[^\]]{1,999}\]:)", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*\n(?=\S)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its words and its target."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One block of text, as patients read it.

    Only lines of the front matter have a `name` (`title`); only headings have a `level` (2 for `##`).
    """

    kind: Kind
    text: str
    position: SourcePosition
    level: int = 0
    name: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class TextBlocks:
    """A piece in one language as blocks.

    `lines` are the lines of the front matter; `renderings` the blocks of each distinct rendering of the body; `blocks`
    all blocks, each once, in the order of the page. `position` is the beginning of the body.
    """

    locale: str
    position: SourcePosition
    lines: tuple[TextBlock, ...]
    blocks: tuple[TextBlock, ...]
    renderings: tuple[tuple[TextBlock, ...], ...]


def blocks_of(text: PieceText, plan: ReleasePlan) -> TextBlocks:
    """The blocks of a piece in one language, before programme values are filled in."""
    nowhere = SourcePosition("", 1, 1)
    begin = text.places.get("body", nowhere)
    lines = tuple(
        TextBlock("line", _with_placeholders(line), text.places.get(name, begin), name=name)
        for name, line in text.lines.items()
    )
    marks = _Marks(begin)
    stretches: dict[str, tuple[TextBlock, ...]] = {}
    block_lists = []
    for rendering in _renderings(text.body, marks, plan):
        block_lists.append(tuple(_blocks(rendering.filled, marks, stretches)))
    distinct = tuple(dict.fromkeys(block_lists))
    return TextBlocks(text.locale, begin, lines, tuple(_merged(distinct)), distinct)


def _with_placeholders(line: str) -> str:
    """A line of the front matter with each value as one word."""
    return re.sub(r"\{\{ *(programme\.\w+|message) *\}\}", r"⟨\1⟩", line)


def _renderings(template: Template, marks: _Marks, plan: ReleasePlan) -> list[Rendering]:
    try:
        return renderings(replace(template, body=tuple(marks.nodes(template.body))), plan)
    except (TooManyRenderings, TooManyCells):
        pass  # marks make arms with the same words count separately
    try:
        return renderings(template, plan)
    except (TooManyRenderings, TooManyCells):
        return []  # the reader of the piece reports this problem


class _Marks:
    """Puts a number before each line of a template's words, and finds the position of a line by its number."""

    def __init__(self, begin: SourcePosition) -> None:
        self.places = [begin]

    def nodes(self, nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            match node:
                case Words(text, SourcePosition() as position):
                    yield Words(_LETTER.sub(lambda match: self.marked(match, position), text), position)
                case Value() | OfProgramme(scheme=None) | FrameValue(name="message"):
                    yield Words(self.mark(node.place))
                    yield node
                case Branch(arms, otherwise):
                    inner = tuple(Arm(arm.condition, tuple(self.nodes(arm.body)), arm.place) for arm in arms)
                    yield Branch(inner, tuple(self.nodes(otherwise)) if otherwise is not None else None)
                case Repeat():
                    yield replace(node, body=tuple(self.nodes(node.body)))
                case _:
                    yield node

    def marked(self, match: re.Match[str], begin: SourcePosition) -> str:
        if match[1].endswith(("[^", "](")):  # the label of a footnote, the target of a link whose words are a value
            return match[1]
        line = begin.line + match.string.count("\n", 0, match.end())
        return f"{match[1]}{self.mark(SourcePosition(begin.file, line, 1))}"

    def mark(self, position: SourcePosition) -> str:
        self.places.append(position)
        return f"{_BEGIN}{len(self.places) - 1}{_END}"

    def position_of(self, text: str, before: SourcePosition) -> SourcePosition:
        """The beginning of a text; of a text without a mark, the position before it."""
        number = next((int(digits) for digits in _MARK.findall(text)), len(self.places))
        return self.places[number] if number < len(self.places) else before


def _blocks(filled: Filled, marks: _Marks, stretches: dict[str, tuple[TextBlock, ...]]) -> Iterator[TextBlock]:
    """The blocks of a rendering; text between two blank lines is read once for all renderings."""
    parts = [filled.text] if _WHOLE.search(filled.text) else _BLANK.split(filled.text)
    for part in parts:
        text = _PUT_IN.sub(lambda match: f"{OPEN}{filled.values[int(match[1])].strip('⟨⟩')}{CLOSE}", part)
        if text not in stretches:
            stretches[text] = tuple(_read(text, marks))
        yield from stretches[text]


def _read(text: str, marks: _Marks) -> Iterator[TextBlock]:
    kinds: list[Kind] = []
    level = 0
    position = marks.places[0]
    for token in parse(text)[0]:
        match token.type:
            case "heading_open":
                level = int(token.tag[1:])
                kinds.append("heading")
            case "list_item_open":
                kinds.append("item")
            case "th_open" | "td_open":
                kinds.append("cell")
            case "heading_close" | "list_item_close" | "th_close" | "td_close":
                kinds.pop()
            case "inline":
                kind = kinds[-1] if kinds else "paragraph"
                text_with_marks = "".join(_inline(token.children or ()))
                position = marks.position_of(text_with_marks, position)
                links = tuple(_links(token.children or ()))
                yield TextBlock(kind, _clean(text_with_marks), position, level if kind == "heading" else 0, "", links)
            case "fence" | "code_block":
                position = marks.position_of(token.content, position)
                yield TextBlock("other", _clean(token.content), position)
            case _:
                pass


def _inline(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "text" | "code_inline" | "image":
                yield token.content
            case "softbreak" | "hardbreak":
                yield " "
            case _:
                pass


def _links(tokens: Iterable[Token]) -> Iterator[Link]:
    inside: list[Token] = []
    target: str | None = None
    for token in tokens:
        if token.type == "link_open":
            target, inside = str(token.attrGet("href")), []
        elif token.type == "link_close" and target is not None:
            yield Link(_clean("".join(_inline(inside))), target)
            target = None
        else:
            inside.append(token)


def _clean(text: str) -> str:
    """A text without marks of positions, values in brackets."""
    return " ".join(_MARK.sub("", text).replace(OPEN, "⟨").replace(CLOSE, "⟩").split())


def _merged(renderings: Iterable[tuple[TextBlock, ...]]) -> list[TextBlock]:
    """All blocks, each once; a block of a later rendering follows its predecessor in that rendering."""
    following: dict[TextBlock | None, TextBlock | None] = {None: None}
    for blocks in renderings:
        last = None
        for block in blocks:
            if block not in following:
                following[block], following[last] = following[last], block
            last = block
    order: list[TextBlock] = []
    while (following_block := following[order[-1] if order else None]) is not None:
        order.append(following_block)
    return order
