"""Counts the syllables of a word, by language; every word has at least one. It knows words, not texts."""

from __future__ import annotations

import re

_GROUPS = re.compile("[aeiouy]+")
_SILENT = re.compile("[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouycgsxz]es$")


_LETTERS = re.compile("[a-z]+")


def english(word: str) -> int:
    """The syllables of an English word: its hyphenation points (pyphen) or its groups of vowels, the larger number.

    Hyphenation alone finds too few, because it never splits off a single letter (`a-gain`). A silent `e` does not
    count as a group. In doubt the number is too high. A number in figures counts as one syllable.
    """
    return max(1, sum(_english(part) for part in _LETTERS.findall(word.lower().replace("’", "").replace("'", ""))))


def _english(word: str) -> int:
    import pyphen  # loading its dictionary takes a tenth of a second; pyphen keeps the dictionary and its answers

    groups = len(_GROUPS.findall(word)) - bool(_SILENT.search(word))
    return max(len(pyphen.Pyphen(lang="en_US").positions(word)) + 1, groups, 1)


_VOWELS = re.compile("[aeiouáéíóúü]+")
_STRONG = re.compile("[aeoáéó]")
_MUTE_U = re.compile("([qg])u(?=[eiéí])")
_FINAL_Y = re.compile(r"y\b")  # `hoy`, `muy`, `y`


def spanish(word: str) -> int:
    """The syllables of a Spanish word, by its spelling (Real Academia Española, Ortografía, 2010, on the syllable).

    Each a, e and o forms a syllable of its own; i and u join the vowel beside them, unless an accent separates them
    (`pa-ís`); i and u together form one syllable (`ciu-dad`). The u of `qu` and `gu` before e and i is silent. A
    number in figures counts as one syllable.
    """
    # `h` between vowels does not split them: `prohi-bir`, but `bú-ho` because of its accent.
    word = _FINAL_Y.sub("i", _MUTE_U.sub(r"\1", word.lower()).replace("h", ""))
    return max(1, sum(_middles(group) for group in _VOWELS.findall(word)))


def _middles(group: str) -> int:
    strong = len(_STRONG.findall(group))
    return strong + sum(group.count(letter) for letter in "íú") if strong else 1
