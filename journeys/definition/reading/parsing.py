"""The parser of YAML behind a tree; anchors, aliases, tags, duplicate keys, depth and size are refused.

Built from the parser's events, so that no value is ever guessed at (`no` stays text) and nothing is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from journeys.definition.model import Mark
from journeys.definition.reading.nodes import MappingNode, Node, Scalar, Sequence
from journeys.definition.reading.wording import explain

MAX_DEPTH = 32
MAX_NODES = 20_000
_BRACKETS = re.compile(r"[\[\]{}]")
_COMMENT = re.compile(r"\s+#(.*)")
#: Characters that an escape in quotes could smuggle in: control characters, and halves of surrogate pairs.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def parse(text: str, place: Callable[[Mark], Mark] | None) -> tuple[Node | None, list[tuple[Mark, str]]]:
    """The tree of a text, or None, and its mistakes: the position in the text, and what is wrong there.

    Args:
        text: the text.
        place: the position in the file of a position in the text, for the tree.
    """
    builder = _Builder(text.splitlines(), place)
    try:
        return builder.build(text), builder.repeated
    except _Refused as refused:
        return None, [(refused.mark, refused.message)]
    except ReaderError as error:
        before = text[: error.position]
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return None, [(mark, f"The character U+{ord(text[error.position]):04X} is not accepted; remove it.")]
    except MarkedYAMLError as error:
        return None, [explain(error, builder.lines)]
    except (YAMLError, ValueError, RecursionError):
        return None, [(Mark(), "This is not YAML text.")]


class _Refused(Exception):
    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message


class _Builder:
    """Builds one tree from the events of one document."""

    def __init__(self, lines: list[str], place: Callable[[Mark], Mark] | None) -> None:
        self.lines = lines
        self.place = place
        self.repeated: list[tuple[Mark, str]] = []
        self.depth = 0
        self.count = 0

    def build(self, text: str) -> Node | None:
        self.refuse_deep_lines(text)
        stream = self.events(text)
        root: Node | None = None
        for event in stream:
            if isinstance(event, yaml_events.NodeEvent):
                if root is not None:
                    raise _Refused(_mark(event), "A second document ('---') begins here; a file holds one.")
                root = self.node(event, stream)
        return root if root is None or self.place is None else _placed(root, self.place)

    def events(self, text: str) -> Iterator[Any]:
        for event in YAML(typ="safe", pure=True).parse(text):  # `rt` takes twice the time for the same events
            if isinstance(event, yaml_events.DocumentStartEvent) and (event.version or event.tags):
                raise _Refused(Mark(), "Directives ('%…') are not accepted; begin with the first key.")
            if isinstance(event, yaml_events.AliasEvent):
                raise _Refused(_mark(event), "Aliases ('*name') are not accepted; write the value out.")
            if isinstance(event, yaml_events.NodeEvent):
                self.refuse_anchor_and_tag(event)
                self.count += 1
                if self.count > MAX_NODES:
                    raise _Refused(_mark(event), f"The file holds more than {MAX_NODES} keys and values.")
            if isinstance(event, yaml_events.CollectionStartEvent):
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise _Refused(_mark(event), f"Nested deeper than {MAX_DEPTH} levels.")
            elif isinstance(event, yaml_events.CollectionEndEvent):
                self.depth -= 1
            yield event

    def refuse_deep_lines(self, text: str) -> None:
        """Refuses brackets that open too deep on one line, before the parser looks for a key behind each of them."""
        for number, line in enumerate(text.split("\n"), start=1):
            depth = 0
            for bracket in _BRACKETS.finditer(line):
                depth += 1 if bracket[0] in "[{" else -1
                if depth > MAX_DEPTH:
                    raise _Refused(Mark(number, bracket.start() + 1), f"Nested deeper than {MAX_DEPTH} levels.")

    def refuse_anchor_and_tag(self, event: Any) -> None:
        if event.anchor is not None:
            raise _Refused(_mark(event), "Anchors ('&name') are not accepted; write the value out.")
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in ("None", "!"):
            raise _Refused(_mark(event), f"Tags ('{str(tag)[:40]}') are not accepted; every scalar is a text.")

    def node(self, event: Any, stream: Iterator[Any]) -> Node:
        mark = _mark(event)
        if isinstance(event, yaml_events.ScalarEvent):
            plain = event.style in (None, "")
            refused = _CONTROL.search(event.value)
            if refused is not None:
                raise _Refused(mark, f"The character U+{ord(refused[0]):04X} is not accepted in a text; remove it.")
            return Scalar(event.value, mark, plain, self.comment_after(event) if plain else "")
        if isinstance(event, yaml_events.SequenceStartEvent):
            items: list[Node] = []
            for inner in stream:
                if isinstance(inner, yaml_events.SequenceEndEvent):
                    break
                item = self.node(inner, stream)
                items.append(Scalar("", self.mark_before(item.mark)) if item == Scalar("", item.mark) else item)
            return Sequence(tuple(items), mark)
        return self.mapping(mark, stream)

    def mapping(self, mark: Mark, stream: Iterator[Any]) -> MappingNode:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Mark] = {}
        for event in stream:
            if isinstance(event, yaml_events.MappingEndEvent):
                break
            key = self.node(event, stream)
            value = self.node(next(stream), stream)
            if value == Scalar("", value.mark):
                value = Scalar("", key.mark)  # the parser marks it at the next key
            if not isinstance(key, Scalar):
                raise _Refused(key.mark, "A key must be a plain text.")
            if key.text == "<<":
                raise _Refused(key.mark, "Merge keys ('<<') are not accepted; write the keys out.")
            if key.text in seen:
                first = seen[key.text] if self.place is None else self.place(seen[key.text])
                message = f"The key '{key.text}' is listed twice; first in line {first.line}."
                self.repeated.append((key.mark, message))
                continue
            seen[key.text] = key.mark
            entries.append((key, value))
        return MappingNode(tuple(entries), mark)

    def mark_before(self, mark: Mark) -> Mark:
        """The position of the last sign before a mark that is not blank, a line end or in a comment."""
        number, column = mark.line, mark.column
        while number >= 1:
            before = self.lines[number - 1][: column - 1].rstrip() if number <= len(self.lines) else ""
            if before and not before.lstrip().startswith("#"):
                return Mark(number, len(before))
            number, column = number - 1, 2**31
        return mark

    def comment_after(self, event: Any) -> str:
        number = event.end_mark.line
        if number != event.start_mark.line or number >= len(self.lines):
            return ""
        match = _COMMENT.match(self.lines[number], event.end_mark.column)
        return match[1] if match else ""


def _placed(node: Node, place: Callable[[Mark], Mark]) -> Node:
    """The node with each position as `place` says."""
    mark = place(node.mark)
    match node:
        case Scalar():
            return Scalar(node.text, mark, node.plain, node.comment)
        case Sequence():
            return Sequence(tuple(_placed(item, place) for item in node.items), mark)
        case MappingNode():
            entries = tuple((_placed(key, place), _placed(value, place)) for key, value in node.entries)
            return MappingNode(entries, mark)  # type: ignore[arg-type]


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
