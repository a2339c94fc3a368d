"""Reads trees into values and collects every problem of shape: unknown keys, missing keys, wrong kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import ClassVar

from journeys.definition.model import NOWHERE, Mark, Text, Titles
from journeys.definition.reading.nodes import MappingNode, Node, Scalar, Sequence
from journeys.primitives.canonical import parse_time_of_day
from journeys.primitives.durations import parse_duration
from journeys.primitives.locales import read_tag
from journeys.primitives.problems import Problem, did_you_mean

NAME = re.compile(r"[a-z][a-z0-9_]*")
KEY = re.compile(r"[a-z][a-z0-9_-]*")
MAX_NAME = 64
LOCALE = re.compile(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(-[a-wyz](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
)
#: A language tag in its usual spelling: language, script, region, variants, extensions, private use (RFC 5646).
WORDS_OF_CONDITIONS = (
    *("and", "or", "not", "in", "is", "if", "else", "true", "false", "none"),
    *("in_state", "visits", "days_since", "days_in_state"),
)
_COMMA = " Inside braces, a text with a comma must be in quotes."
_KINDS = {Scalar: "a text", Sequence: "a list", MappingNode: "keys and values"}


def spelling_of(text: str) -> str:
    """A hint at the usual spelling of a language tag that is spelled otherwise (`es_MX`), or nothing."""
    tag = read_tag(text)
    return f" Write '{tag}'." if tag is not None and LOCALE.fullmatch(tag) else ""


class Shape:
    """The problems of one file; each method reads one kind of value from its tree and notes its problems."""

    #: Hints by key, for keys of another file of the same folder.
    hints: ClassVar[Mapping[str, str]] = {}

    def __init__(self, file: str, rule: str = "shape") -> None:
        self.file = file
        self.rule = rule
        self.problems: list[Problem] = []
        self.by_locale: list[tuple[str, Titles]] = []  # the texts by locale, each with its name in messages

    def problem(self, mark: Mark, message: str, rule: str | None = None) -> None:
        """Notes a mistake; a message is a sentence."""
        message = message[:1].upper() + message[1:]
        self.problems.append(Problem(self.file, mark.line, mark.column, "error", rule or self.rule, message))

    def keys(
        self, node: Node | None, subject: str, required: Iterable[str], optional: Iterable[str]
    ) -> dict[str, tuple[Scalar, Node]]:
        """The accepted keys of a mapping, each with its value; unknown and missing keys are noted."""
        required = tuple(required)
        accepted = (*required, *optional)
        if not isinstance(node, MappingNode):
            mark = node.mark if node is not None else NOWHERE
            if not _is_empty(node):
                self.problem(mark, f"{subject} must be keys and values, not {_kind(node)}.")
            elif required:
                self.problem(mark, f"{subject} is empty; it needs {quoted(required)}.")
            return {}
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.entries:
            if key.text in accepted:
                entries[key.text] = (key, value)
            else:
                hint = _COMMA if _is_empty(value) else did_you_mean(key.text, accepted)
                hint = self.hints.get(key.text, hint)
                self.problem(key.mark, f"'{key.text[:80]}' is not a key of {subject}.{hint}")
        for key_name in required:
            if key_name not in entries:
                self.problem(node.mark, f"{subject} needs '{key_name}'.")
        return entries

    def entries(self, node: Node | None, subject: str) -> list[tuple[Scalar, Node]]:
        """The entries of a mapping whose keys are the author's names."""
        if isinstance(node, MappingNode):
            return list(node.entries)
        if not _is_empty(node) and node is not None:
            self.problem(node.mark, f"{subject} must be keys and values, not {_kind(node)}.")
        return []

    def names(self, node: Node | None, subject: str, reserved: Iterable[str] = ()) -> list[tuple[Scalar, Node]]:
        """Like `entries`, each key checked to be a name, and none of the reserved ones."""
        entries = self.entries(node, subject)
        for key, _ in entries:
            self.name(key, f"The name of {subject}", reserved)
        return entries

    def name(self, scalar: Scalar, subject: str, reserved: Iterable[str] = ()) -> str:
        """A name that conditions can use: lower case letters, digits and underscores."""
        if not NAME.fullmatch(scalar.text) or len(scalar.text) > MAX_NAME:
            self.problem(
                scalar.mark,
                f"{subject} is '{scalar.text[:80]}'; it must begin with a lower case letter and go on with lower case "
                "letters, digits and '_' (at most 64).",
            )
        elif scalar.text in reserved:
            self.problem(scalar.mark, f"{subject} is '{scalar.text}', a word of the language itself; choose another.")
        return scalar.text

    def key(self, scalar: Scalar, subject: str) -> str:
        """A key of a journey or a programme: as a name, but with dashes."""
        if not KEY.fullmatch(scalar.text) or len(scalar.text) > MAX_NAME:
            accepted = "lower case letters, digits, '_' and '-'"
            self.problem(scalar.mark, f"{subject} '{scalar.text[:80]}' must be {accepted}.")
        return scalar.text

    def text(self, node: Node | None, subject: str, default: str = "") -> str:
        """A text that is not empty."""
        if node is None:
            return default
        if not isinstance(node, Scalar):
            self.problem(node.mark, f"{subject} must be a text, not {_kind(node)}.")
            return default
        if not node.text.strip():
            self.problem(node.mark, f"{subject} is empty.")
            return default
        return node.text

    def marked(self, node: Node | None, subject: str) -> Text | None:
        """A text with its position, or None."""
        text = self.text(node, subject)
        return Text(text, node.mark) if text and node is not None else None

    def texts(self, node: Node | None, subject: str) -> tuple[Text, ...]:
        """A list of texts; a single text counts as a list of one."""
        if _is_empty(node) or node is None:
            return ()
        items = node.items if isinstance(node, Sequence) else (node,)
        texts = [self.marked(item, subject) for item in items]
        return tuple(text for text in texts if text is not None)

    def number(self, node: Node | None, subject: str) -> int | None:
        """A whole number, or None."""
        if node is None:
            return None
        text = self.text(node, subject)
        if re.fullmatch(r"-?\d{1,9}", text):
            return int(text)
        if text:
            self.problem(node.mark, f"{subject} is '{text[:80]}'; it must be a whole number.")
        return None

    def flag(self, node: Node | None, subject: str) -> bool:
        """`true` or `false`; false where it is absent."""
        text = self.text(node, subject, "false")
        if text not in ("true", "false") and node is not None:
            self.problem(node.mark, f"{subject} is '{text[:80]}'; it must be true or false.")
        return text == "true"

    def duration(self, node: Node | None, subject: str, default: str) -> str:
        """A duration as written."""
        text = self.text(node, subject, default)
        try:
            parse_duration(text)
        except ValueError as error:
            if node is not None:
                self.problem(node.mark, f"{subject}: {error}.")
            return default
        return text

    def time_of_day(self, node: Node | None, subject: str) -> time | None:
        """A time of day to the minute, or None."""
        text = self.text(node, subject)
        try:
            return parse_time_of_day(text) if text else None
        except ValueError:
            if node is not None:
                self.problem(node.mark, f"{subject} is '{text[:40]}'; write a time such as \"09:00\".")
            return None

    def one_of(self, node: Node | None, subject: str, accepted: Iterable[str]) -> str:
        """A text out of a closed list, or an empty one."""
        accepted = tuple(accepted)
        text = self.text(node, subject)
        if text and text not in accepted and node is not None:
            self.problem(node.mark, f"{subject} is '{text[:80]}'.{did_you_mean(text, accepted)}")
            return ""
        return text

    def titles(self, node: Node | None, subject: str) -> Titles:
        """A text by locale; a text behind an unquoted ` #` would be lost, so it is refused."""
        if isinstance(node, Scalar):
            self.problem(node.mark, f"{subject} must be given by locale, as in {{en: …, es: …}}.")
            return Titles.placed({}, node.mark, {})
        titles: dict[str, str] = {}
        places: dict[str, Mark] = {}
        for key, value in self.entries(node, subject):
            places[key.text] = key.mark
            if not LOCALE.fullmatch(key.text):
                hint = _COMMA if _is_empty(value) else spelling_of(key.text)
                self.problem(key.mark, f"'{key.text[:40]}' in {subject} is not a locale such as en or es-US.{hint}")
                continue
            if isinstance(value, Scalar) and not value.text and value.plain:
                self.problem(key.mark, f"{subject} in '{key.text[:40]}' is empty. Write its text.{_COMMA}")
                continue
            text = self.text(value, f"{subject} in '{key.text[:40]}'")
            if isinstance(value, Scalar) and value.plain and value.comment:
                self.problem(
                    value.mark,
                    f"{subject} in '{key.text}' ends at ' #': the rest counts as a comment. Put the text in quotes.",
                )
            if text:
                titles[key.text] = text
        if node is None:
            return Titles()
        self.by_locale.append((subject, Titles.placed(titles, node.mark, places)))
        return self.by_locale[-1][1]


def _is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.plain and node.text == "")


def _kind(node: Node | None) -> str:
    return _KINDS[type(node)] if node is not None else "nothing"


def quoted(words: Iterable[str]) -> str:
    """Words in quotes, separated by commas."""
    return ", ".join(f"'{word}'" for word in words)
