"""Characters that a reader does not see, or that change the order in which others are read. It reads no file.

Refused are format characters (Unicode Cf: directions, zero width, tags), control characters, line and paragraph
separators, private and unassigned characters, surrogates, and letters that are drawn as nothing. Accepted are the soft
hyphen, and joiners and variation selectors where a script or a picture needs them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SOFT_HYPHEN, _NON_JOINER, _JOINER = "\u00ad", "\u200c", "\u200d"
_REFUSED_CATEGORIES = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))
#: Letters and marks without a shape of their own: grapheme joiner, Hangul and Khmer fillers, empty Braille, object.
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
_PICTURES = range(0x1F000, 0x1FB00)
#: The blocks of pictures: new ones are assigned each year, after Python's own table was made.
_JOINING_SCRIPTS = frozenset(
    {
        *("ARABIC", "SYRIAC", "THAANA", "NKO", "MANDAIC", "MONGOLIAN", "ADLAM", "DEVANAGARI", "BENGALI", "GURMUKHI"),
        *("GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "TIBETAN", "MYANMAR", "KHMER"),
    }
)
#: Scripts in which ZWJ and ZWNJ choose the form of a letter, by the first word of the names of their letters.
_SUSPECT = re.compile("[^\t\n\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027]")
_WRITTEN = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))|(&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]+);)"
)
#: A character as YAML, Markdown and XML may write it.
_SHORT_ESCAPE = re.compile(r"\\([NLPaebvf0])")
_SHORT_ESCAPES = {"N": "\x85", "L": "\u2028", "P": "\u2029", "a": "\x07", "e": "\x1b", "b": "\b", "v": "\v", "f": "\f"}


@dataclass(frozen=True, slots=True)
class HiddenCharacter:
    """A refused character, its position from 1, and how many more follow it directly."""

    character: str
    line: int
    column: int
    followers: int = 0

    @property
    def name(self) -> str:
        """The character in words: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
        kind = {"Cc": "control character", "Co": "private character", "Cs": "half of a character"}
        fallback = kind.get(unicodedata.category(self.character), "unassigned character")
        return f"U+{ord(self.character):04X} {unicodedata.name(self.character, fallback)}"


def is_hidden(character: str, before: str = "", after: str = "") -> bool:
    """Whether a character is refused between its neighbors; a tab or the end of a line is accepted."""
    if _SUSPECT.fullmatch(character) is None or character == _SOFT_HYPHEN:
        return False
    if character in (_NON_JOINER, _JOINER):
        return not _joins(character, before, after)
    category = unicodedata.category(character)
    if category == "Cn":
        return ord(character) not in _PICTURES
    if category in _REFUSED_CATEGORIES or character in _SHAPELESS:
        return True
    return unicodedata.name(character, "").startswith(_SELECTORS) and not _selects(character, before, after)


def hidden_characters(text: str) -> Iterator[HiddenCharacter]:
    """The refused characters of a file, each run once: as they are, and as escapes or character references."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        spans = sorted(_spans(line))
        position = 0
        while position < len(spans):
            start, end, character = spans[position]
            last = position
            while last + 1 < len(spans) and spans[last + 1][0] == end:
                last += 1
                end = spans[last][1]
            yield HiddenCharacter(character, number, start + 1, last - position)
            position = last + 1


def is_plain_line(text: str) -> bool:
    """Whether a text is one line that a reader sees as it is; joiners where a script needs them are accepted."""
    if text.isprintable():
        return True
    return not any(sign in text for sign in "\t\n\r") and without_hidden(text) == text


def refusal_of_hidden(text: str) -> str:
    """A sentence about the first refused character of a text that somebody typed, and its place; empty if none is."""
    text = text.replace("\r\n", "\n")
    if without_hidden(text) == text:
        return ""
    hidden = next(hidden_characters(text))
    place = f"line {hidden.line}, column {hidden.column}"
    return f"The hidden character {hidden.name} ({place}) is not accepted; remove it."


def without_hidden(text: str) -> str:
    """A text without its refused characters."""
    if _SUSPECT.search(text) is None:
        return text
    return "".join(
        character
        for position, character in enumerate(text)
        if not is_hidden(character, text[position - 1 : position], text[position + 1 : position + 2])
    )


def _spans(line: str) -> Iterator[tuple[int, int, str]]:
    for match in _SUSPECT.finditer(line):
        start, end = match.span()
        if is_hidden(match[0], line[start - 1 : start], line[end : end + 1]):
            yield start, end, match[0]
    if "\\" not in line and "&" not in line:
        return
    for match in (*_WRITTEN.finditer(line), *_SHORT_ESCAPE.finditer(line)):
        start, end = match.span()
        for character in _decoded(match, line[:start]):
            if character not in "\t\n\r" and is_hidden(character, line[start - 1 : start], line[end : end + 1]):
                yield start, end, character
                break


def _decoded(match: re.Match[str], before: str) -> str:
    if match.re is _SHORT_ESCAPE:
        return _SHORT_ESCAPES.get(match[1], "\0") if '"' in before else ""
    if match[4]:
        return html.unescape(match[4]) if html.unescape(match[4]) != match[4] else ""
    code = int(match[1] or match[2] or match[3], 16)
    return chr(code) if code <= 0x10FFFF else ""


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner follows a letter whose form it chooses, or makes one picture of two."""
    if before and unicodedata.name(before, "").partition(" ")[0] in _JOINING_SCRIPTS:
        return True
    return joiner == _JOINER and _is_picture(before, ("So", "Sk", "Mn")) and _is_picture(after, ("So", "Sm"))


def _is_picture(character: str, categories: tuple[str, ...]) -> bool:
    return bool(character) and (unicodedata.category(character) in categories or ord(character) in _PICTURES)


_SELECTORS = ("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION SELECTOR")


def _selects(selector: str, before: str, after: str) -> bool:
    """Whether a variation selector follows a character that has variants."""
    name = unicodedata.name(before, "") if before else ""
    if selector in "\ufe0e\ufe0f":
        is_key = before != "" and before in "0123456789#*" and after == "\u20e3"
        return is_key or _is_picture(before, ("So", "Sm", "Sk")) or (before != "" and before in "‼⁉〰〽")
    if unicodedata.name(selector).startswith("MONGOLIAN"):
        return name.startswith("MONGOLIAN LETTER")
    return name.startswith("CJK")
