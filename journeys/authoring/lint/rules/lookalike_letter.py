"""No word mixes Latin letters with Cyrillic or Greek ones of the same shape, and no letter is a styled copy of another.

A reviewer sees the word that was meant; a screen reader, a search, the glossary and a phone see another. Greek letters
of their own shape are accepted (`TNFα`). Styled copies are the letters of mathematics (𝐂𝐚𝐥𝐥) and of full width.

Wrong: `Call` with a Cyrillic `С` (U+0421). Right: `Call` in Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from journeys.primitives.problems import Problem

ID = "lookalike-letter"
_OTHERS = "\u0400-\u052f\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
_OTHER = re.compile(f"[{_OTHERS}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
_STYLED = re.compile("[\U0001d400-\U0001d7ff\uff21-\uff3a\uff41-\uff5a]+")
_WORD = re.compile(r"[^\W\d_]+")


def check(files: Mapping[str, str]) -> Iterator[Problem]:
    """Yields a problem for each word."""
    for file, text in files.items():
        for number, line in enumerate(text.split("\n"), start=1):
            if line.isascii():
                continue
            for column, message in _mistakes(line):
                yield Problem(file, number, column + 1, "error", ID, message)


def _mistakes(line: str) -> Iterator[tuple[int, str]]:
    """The columns (from 0) and messages of the words of a line."""
    for styled in _STYLED.finditer(line):
        plain = unicodedata.normalize("NFKC", styled[0])
        yield styled.start(), f"'{styled[0][:40]}' consists of styled letters; write '{plain[:40]}'."
    for word in _WORD.finditer(line):
        other = _OTHER.search(word[0])
        if other is not None and _LATIN.search(word[0]):
            letter = f"'{other[0]}' (U+{ord(other[0]):04X} {unicodedata.name(other[0])})"
            message = f"'{word[0][:40]}' mixes letters that look alike: {letter}; write the word in one alphabet."
            yield word.start() + other.start(), message
