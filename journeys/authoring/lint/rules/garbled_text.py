"""No text was damaged by a wrong encoding: no `Ã³` for `ó`, no replacement character, no `&eacute;` that stays visible.

A file that was saved in one encoding and opened in another shows two or three wrong letters for each accent. The
library ftfy recognizes them and knows the right letter. A character reference is text where Markdown is not read: in
the front matter and in YAML; `&amp;eacute;` is text everywhere.

Wrong: `Es hora de pedir una cita mÃ©dica`. Right: `Es hora de pedir una cita médica`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from journeys.primitives.problems import Problem

ID = "garbled-text"
_LOST = re.compile(r"\ufffd|\\u[fF]{3}[dD]|&#(?:65533|[xX][fF]{3}[dD]|[xX]?0+);")
_WORD = re.compile(r"[^ \t]+")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPED_TWICE = re.compile(r"&amp;(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def check(files: Mapping[str, str]) -> Iterator[Problem]:
    """Yields a problem for each damaged word."""
    for file, text in files.items():
        first_of_body = _first_line_of_body(file, text)
        for number, line in enumerate(text.split("\n"), start=1):
            for column, message in _damages(line, is_markdown=number >= first_of_body):
                yield Problem(file, number, column + 1, "error", ID, message)


def _damages(line: str, *, is_markdown: bool) -> Iterator[tuple[int, str]]:
    """The columns (from 0) and messages of the damages in a line."""
    for lost in _LOST.finditer(line):
        yield lost.start(), "The character U+FFFD replaces a letter that was lost; write the letter again."
    if "&" in line:
        for reference in (_ESCAPED_TWICE if is_markdown else _REFERENCE).finditer(line):
            character = html.unescape(html.unescape(reference[0]))
            if character != reference[0]:
                yield reference.start(), f"'{reference[0]}' is shown as written; write '{character}'."
    if line.isascii():
        return
    from ftfy import fix_encoding

    fixed = fix_encoding(line)
    if fixed == line:
        return
    words = [(word.start(), word[0], fix_encoding(word[0])) for word in _WORD.finditer(line)]
    damaged_words = [(start, word, repaired) for start, word, repaired in words if repaired != word]
    for start, word, repaired in damaged_words:
        yield start, f"'{word[:60]}' was damaged by a wrong encoding; write '{repaired[:60]}'."
    if not damaged_words:
        start = next(place for place, pair in enumerate(zip(line, f"{fixed}\n", strict=False)) if pair[0] != pair[1])
        yield (
            start,
            f"'{line[start : start + 20]}' was damaged by a wrong encoding; write '{fixed[start : start + 19]}'.",
        )


def _first_line_of_body(file: str, text: str) -> int:
    """The line at which Markdown begins: behind the front matter; pictures count as Markdown: XML reads references."""
    lines = text.split("\n")
    if file.endswith(".svg") or (file.endswith(".md") and lines[0].rstrip() != "---"):
        return 1
    if not file.endswith(".md"):
        return len(lines) + 1
    return next((number for number, line in enumerate(lines[1:], start=2) if line.rstrip() == "---"), len(lines))
