"""YAML as a tree of texts with positions; anchors, aliases, tags, duplicate keys, depth and size are refused.

Built from the parser's events, so that no value is ever guessed at (`no` stays text) and nothing is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from journeys.model import Mark
from journeys.problems import Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `plain` means: written without quotes; `comment` is what stood behind ` #` on its line."""

    text: str
    mark: Mark
    plain: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys in document order, each with its own mark."""

    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


class _Refused(Exception):
    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message


def read_tree(data: bytes, file: str, *, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """The tree of a YAML text, or None, and what is wrong with it.

    Args:
        data: the file's bytes, UTF-8.
        file: its name, for the problems.
        first_line: the line of the file at which `data` begins (front matter starts at 2).
    """
    problems: list[Problem] = []

    def problem(mark: Mark, message: str) -> None:
        problems.append(Problem(file, mark.line + first_line - 1, mark.column, "error", "yaml", message))

    if len(data) > MAX_BYTES:
        problem(Mark(), f"The file has {len(data)} bytes; at most {MAX_BYTES} are accepted.")
        return None, problems
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem(Mark(line), "The file is not UTF-8 text. Save it as UTF-8.")
        return None, problems
    text = text.removeprefix("\ufeff")
    builder = _Builder(text.splitlines(), first_line)
    try:
        node = builder.build(text)
    except _Refused as refused:
        problem(refused.mark, refused.message)
        return None, problems
    except MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        mark = Mark(place.line + 1, place.column + 1) if place else Mark()
        problem(mark, _explain(error, builder.lines, mark))
        return None, problems
    except (YAMLError, ValueError, RecursionError) as error:
        problem(_unprintable(text), f"This is not YAML text: {str(error).splitlines()[0]}.")
        return None, problems
    for mark, message in builder.repeated:
        problem(mark, message)
    return node, problems


class _Builder:
    """Builds one tree from the events of one document."""

    def __init__(self, lines: list[str], first_line: int) -> None:
        self.lines = lines
        self.shift = first_line - 1
        self.repeated: list[tuple[Mark, str]] = []
        self.depth = 0

    def build(self, text: str) -> Node | None:
        stream = self.events(text)
        root: Node | None = None
        for event in stream:
            if isinstance(event, yaml_events.NodeEvent):
                if root is not None:
                    raise _Refused(_mark(event), "A second document ('---') begins here; a file holds one.")
                root = self.node(event, stream)
        return self.shifted(root) if root is not None and self.shift else root

    def events(self, text: str) -> Iterator[Any]:
        for event in YAML(typ="rt", pure=True).parse(text):
            if isinstance(event, yaml_events.AliasEvent):
                raise _Refused(_mark(event), "Aliases ('*name') are not accepted; write the value out.")
            if isinstance(event, yaml_events.NodeEvent):
                self.refuse_anchor_and_tag(event)
            if isinstance(event, yaml_events.CollectionStartEvent):
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise _Refused(_mark(event), f"Nested deeper than {MAX_DEPTH} levels.")
            elif isinstance(event, yaml_events.CollectionEndEvent):
                self.depth -= 1
            yield event

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
            return Scalar(event.value, mark, plain, self.comment_after(event) if plain else "")
        if isinstance(event, yaml_events.SequenceStartEvent):
            items: list[Node] = []
            for inner in stream:
                if isinstance(inner, yaml_events.SequenceEndEvent):
                    break
                items.append(self.node(inner, stream))
            return Sequence(tuple(items), mark)
        return self.mapping(mark, stream)

    def mapping(self, mark: Mark, stream: Iterator[Any]) -> Mapping:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Mark] = {}
        for event in stream:
            if isinstance(event, yaml_events.MappingEndEvent):
                break
            key = self.node(event, stream)
            value = self.node(next(stream), stream)
            if not isinstance(key, Scalar):
                raise _Refused(key.mark, "A key must be a plain text.")
            if key.text == "<<":
                raise _Refused(key.mark, "Merge keys ('<<') are not accepted; write the keys out.")
            if key.text in seen:
                message = f"The key '{key.text}' stands twice; first in line {seen[key.text].line + self.shift}."
                self.repeated.append((key.mark, message))
                continue
            seen[key.text] = key.mark
            entries.append((key, value))
        return Mapping(tuple(entries), mark)

    def comment_after(self, event: Any) -> str:
        if event.end_mark.line != event.start_mark.line:
            return ""
        rest = self.lines[event.end_mark.line][event.end_mark.column :] if self.lines else ""
        match = re.match(r"\s+#(.*)", rest)
        return match[1] if match else ""

    def shifted(self, node: Node) -> Node:
        mark = Mark(node.mark.line + self.shift, node.mark.column)
        match node:
            case Scalar():
                return Scalar(node.text, mark, node.plain, node.comment)
            case Sequence():
                return Sequence(tuple(self.shifted(item) for item in node.items), mark)
            case Mapping():
                entries = tuple((self.shifted(key), self.shifted(value)) for key, value in node.entries)
                return Mapping(entries, mark)  # type: ignore[arg-type]


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _unprintable(text: str) -> Mark:
    for number, line in enumerate(text.splitlines(), start=1):
        for column, character in enumerate(line, start=1):
            if not character.isprintable() and character != "\t":
                return Mark(number, column)
    return Mark()


def _explain(error: MarkedYAMLError, lines: list[str], mark: Mark) -> str:
    said = (error.problem or "this cannot be read").strip().rstrip(".")
    line = lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
    if "mapping values are not allowed" in said:
        hint = "A text with a colon and a blank (': ') must stand in quotes, as in title: \"Lung cancer: what now\"."
    elif "\t" in line[: mark.column]:
        hint = "Indent with blanks, not with tabs."
    elif "{" in line and ("expected ',' or '}'" in said or "flow mapping" in str(error.context)):
        hint = (
            "Inside braces {…}, a text with a comma, brackets or braces must stand in quotes, "
            "as in {when: \"stage in ['I', 'II']\", to: surgery}; or write the keys on lines of their own."
        )
    elif "could not find expected ':'" in said:
        hint = "A key and its value are written 'key: value', with a colon and a blank."
    elif "did not find expected" in said or "expected <block end>" in said:
        hint = "Look at the indentation of this line and the one above: keys of one mapping begin in one column."
    else:
        hint = "Put the text in quotes if it begins with a special character."
    return f"This is not YAML: {said}. {hint}"
