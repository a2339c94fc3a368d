"""Edits of a file in place: positions of texts in YAML and Markdown; every other byte stays as the author wrote it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

BOM = "\ufeff"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
#: Characters that YAML or an editor may take for a line break or a byte order mark, escaped in quotes.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters from `start` to `end` of a text (without its byte order mark) and what replaces them."""

    start: int
    end: int
    new: str


def text_of(data: bytes) -> str:
    """The text of a file without its byte order mark; line breaks stay as they are."""
    return data.decode().removeprefix(BOM)


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The file after edits that do not overlap."""
    text = text_of(data)
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return (BOM + text if data.decode().startswith(BOM) else text).encode()


def line_break_of(text: str) -> str:
    """The line break of a file: that of its first line."""
    line_break = re.search(r"\r\n|\r|\n", text)
    return line_break[0] if line_break else "\n"


def unified(text: str) -> str:
    r"""The text with `\n` as its only line break: files, spreadsheets and XML each have their own."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line; the end is behind its line break."""
    return ((line.start(), line.end()) for line in _LINE.finditer(text) if line[0])


# --- YAML ------------------------------------------------------------------------------------------------------


def compose(text: str) -> Node | None:
    """The nodes of a YAML text with their positions; the text has been accepted by `read_tree` before."""
    node: Node | None = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    return node


def in_quotes(text: str) -> str:
    """A text as a YAML scalar in double quotes, on one line."""
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def entry_of(node: MappingNode, key: str) -> tuple[ScalarNode, Node] | None:
    """A key of a mapping and its value."""
    return next(((name, value) for name, value in node.value if name.value == key), None)


def walk(node: Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], MappingNode]]:
    """Every mapping with the keys that lead to it; an item of a list has its number, from 1."""
    if isinstance(node, MappingNode):
        yield path, node
        for name, value in node.value:
            yield from walk(value, (*path, name.value))
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.value, start=1):
            yield from walk(item, (*path, str(number)))


def new_entry(text: str, node: MappingNode, key: str) -> tuple[int, str]:
    """Where a key is added at the end of a mapping that is not empty, and the text before its value."""
    last = node.value[-1][1]
    if node.flow_style:
        return end_of(text, last), f", {key}: "
    return _new_line(text, last, " " * node.value[0][0].start_mark.column + f"{key}: ")


def new_item(text: str, node: Node, item: str) -> Edit:
    """The edit that adds an item to a list, or makes a list of a single text."""
    if not isinstance(node, SequenceNode):
        start, end = node.start_mark.index, node.end_mark.index
        return Edit(start, end, f"[{text[start:end]}, {item}]")
    last = node.value[-1]
    if node.flow_style:
        return Edit(end_of(text, last), end_of(text, last), f", {item}")
    place, before = _new_line(text, last, " " * node.start_mark.column + "- ")
    return Edit(place, place, before + item)


def end_of(text: str, node: Node) -> int:
    """The end of a value; a block of text ends with its last line, before its line break."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    is_block = isinstance(node, ScalarNode) and node.style in ("|", ">")
    return start + len(text[start:end].rstrip()) if is_block else end


def _new_line(text: str, last: Node, start_of_line: str) -> tuple[int, str]:
    """Where a line of its own begins behind the last value and the comment beside it, and how."""
    behind = re.compile(r"[^\r\n]*").match(text, end_of(text, last))
    assert behind is not None
    return behind.end(), line_break_of(text) + start_of_line
