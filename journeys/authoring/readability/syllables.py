"""How many syllables a word has, by language; always one at least. It knows words, not texts."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

_GROUPS = re.compile("[aeiouy]+")
_SILENT = re.compile("[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouycgsxz]es$")


@cache
def _hyphens() -> Any:
    import pyphen  # its dictionary takes a tenth of a second

    return pyphen.Pyphen(lang="en_US")


@lru_cache(maxsize=20_000)
def english(word: str) -> int:
    """Syllables of an English word: where it may be parted (pyphen), or its groups of vowels, whichever are more.

    Parting alone finds too few, as a single letter is never parted off (`a-gain`); a silent `e` is no group. Rather
    one too many than one too few. A number in figures counts as one.
    """
    return max(1, sum(_english(part) for part in re.findall("[a-z]+", word.lower().replace("’", "").replace("'", ""))))


def _english(word: str) -> int:
    groups = len(_GROUPS.findall(word)) - bool(_SILENT.search(word))
    return max(len(_hyphens().positions(word)) + 1, groups, 1)


_VOWELS = re.compile("[aeiouáéíóúü]+")
_STRONG = re.compile("[aeoáéó]")
_MUTE = (
    (re.compile("qu(?=[eiéí])"), "q"),
    (re.compile("gu(?=[eiéí])"), "g"),
    (re.compile("ch"), "c"),
    (re.compile("h"), ""),  # between vowels it parts nothing: `prohi-bir`, but `bú-ho` by its accent
    (re.compile(r"y\b"), "i"),  # `hoy`, `muy`, `y`
)


@lru_cache(maxsize=20_000)
def spanish(word: str) -> int:
    """Syllables of a Spanish word, by its spelling (Real Academia Española, Ortografía, 2010, on the syllable).

    Each of a, e, o is the middle of a syllable of its own; i and u go with the vowel beside them, unless an accent
    parts them from one of those (`pa-ís`); only i and u together are one (`ciu-dad`). `qu` and `gu` before e and i
    have a mute u. A number in figures counts as one.
    """
    word = word.lower()
    for pattern, letter in _MUTE:
        word = pattern.sub(letter, word)
    return max(1, sum(_middles(group) for group in _VOWELS.findall(word)))


def _middles(group: str) -> int:
    strong = len(_STRONG.findall(group))
    return strong + sum(group.count(letter) for letter in "íú") if strong else 1
