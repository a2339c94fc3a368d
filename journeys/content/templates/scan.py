"""Finds the tags of a template and their exact positions, and checks the limits that protect Jinja's parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import jinja2

from journeys.content.markdown import CLOSE, OPEN
from journeys.primitives.problems import did_you_mean

MAX_NESTING = 16
MAX_TAG = 1000
_MAX_SIGNS = 50

STATEMENTS = ("if", "elif", "else", "endif", "for", "endfor", "include")
ACCEPTED = (
    "{{ fact }}, {{ fact | date }}, {{ fact | label }}, {{ programme.value }}, {% if condition %} … "
    "{% elif condition %} … {% else %} … {% endif %}, {% for item in set_fact %} … {% endfor %} and "
    "{% include 'partial' %}"
)

ENVIRONMENT = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
#: Defines the grammar. Its compiler and its runtime are never used.


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its first word (empty for `{{ … }}`), the text after that word, and its position."""

    word: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake at a position in the text."""

    line: int
    column: int
    message: str


def scan(text: str) -> tuple[list[Tag], list[Mistake]]:
    """The tags in order, and their mistakes as far as they can be seen before parsing."""
    mistakes = list(_characters(text))
    scanner = _Scanner(text)
    try:
        scanner.run()
    except jinja2.TemplateSyntaxError as error:
        mistakes.append(Mistake(error.lineno, 1, f"This is not a template: {error.message}."))
    return scanner.tags, mistakes + scanner.mistakes


def _characters(text: str) -> Iterator[Mistake]:
    for number, line in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(line, start=1):
            if character in (OPEN, CLOSE) or (ord(character) < 32 and character != "\t"):
                yield Mistake(number, column, f"The character U+{ord(character):04X} is not accepted; remove it.")
                return


class _Scanner:
    """Reads the lexer's tokens once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tags: list[Tag] = []
        self.mistakes: list[Mistake] = []
        self.depth = 0
        self.too_deep = False

    def run(self) -> None:
        cursor = 0
        start = 0
        inside: list[tuple[str, str]] | None = None
        for _, kind, value in ENVIRONMENT.lex(self.text):
            # The lexer drops only white space around tags, so the next occurrence is the token itself.
            position = self.text.find(value, cursor)
            cursor = position + len(value)
            if kind in ("block_begin", "variable_begin"):
                start, inside = position, []
            elif kind in ("block_end", "variable_end") and inside is not None:
                self.tag(start, inside, kind == "block_end")
                inside = None
            elif kind == "raw_begin":
                self.mistake(start=position, message="'{% raw %}' is not part of the template language.")
            elif inside is not None:
                inside.append((kind, value))

    def mistake(self, start: int, message: str) -> None:
        self.mistakes.append(Mistake(*self.line_and_column(start), message))

    def line_and_column(self, position: int) -> tuple[int, int]:
        return self.text.count("\n", 0, position) + 1, position - self.text.rfind("\n", 0, position)

    def tag(self, start: int, inside: list[tuple[str, str]], is_block: bool) -> None:
        written = "".join(value for _, value in inside)
        if len(written) > MAX_TAG:
            self.mistake(start, f"This tag is longer than {MAX_TAG} characters.")
        elif _too_nested(inside):
            self.mistake(start, "This tag nests too deeply; declare parts of it in the 'conditions' of the journey.")
        word = ""
        if is_block:
            word = next((value for kind, value in inside if kind == "name"), "")
            self.block(start, word)
        rest = written.strip().removeprefix(word).strip()
        self.tags.append(Tag(word, rest, *self.line_and_column(start)))

    def block(self, start: int, word: str) -> None:
        if word not in STATEMENTS:
            hint = did_you_mean(word, STATEMENTS)
            hint = hint if hint.startswith(" Did") else f" Accepted are {ACCEPTED}."
            self.mistake(start, f"'{{% {word[:40]} %}}' is not part of the template language.{hint}")
        self.depth += {"if": 1, "for": 1, "endif": -1, "endfor": -1}.get(word, 0)
        if self.depth > MAX_NESTING and not self.too_deep:
            self.too_deep = True
            self.mistake(start, f"Tags nest deeper than {MAX_NESTING} levels here.")


def _too_nested(inside: list[tuple[str, str]]) -> bool:
    depth = deepest = signs = 0
    for kind, value in inside:
        if kind == "operator" and value in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "operator" and value in ")]}":
            depth -= 1
        elif (kind == "operator" and value in "+-") or (kind == "name" and value in ("not", "if", "and", "or")):
            signs += 1
    return deepest > MAX_NESTING or signs > _MAX_SIGNS
