"""Decides whether the words of a person end the messages of a channel, ask for help, or are free text. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal, get_args

from journeys.outreach.incoming.vocabulary import ENGLISH, HELP, OPT_OUT, OPT_OUT_AMONG_OTHERS

Reply = Literal["revokes", "mentions", "asks_for_help", "free_text"]
STRONGEST_FIRST: tuple[Reply, ...] = get_args(Reply)

_HANGUL_FILLERS = "\u115f\u1160"


def read_reply(text: str, language: str) -> Reply:
    """What a message asks for.

    `revokes`: it is an opt-out word and nothing else, or several of them; `asks_for_help`: the same for help. A word
    alone counts in every language. `mentions`: it contains, among others, an opt-out word of English or of the person's
    language that people seldom use of their health. `free_text`: everything else, also an empty message. Case, accents,
    punctuation, pictures, width, and characters that are not seen change nothing.

    Args:
        text: the words of the person, without what they quote.
        language: the person's language (BCP 47).
    """
    words = folded(text).split()
    if _is_alone(words, OPT_OUT):
        return "revokes"
    if _is_alone(words, HELP):
        return "asks_for_help"
    spoken = {ENGLISH, language.partition("-")[0].lower()}
    phrases = [phrase for each in spoken for phrase in OPT_OUT_AMONG_OTHERS.get(each, ())]
    line = f" {' '.join(words)} "
    return "mentions" if any(f" {phrase} " in line for phrase in phrases) else "free_text"


def folded(text: str) -> str:
    """Text to compare words in: compatibility forms and cases made equal; marks and unseen characters dropped.

    Punctuation, symbols and blanks are spaces. It works character by character, as marks are dropped anyway:
    normalizing a text with long runs of marks takes quadratic time.
    """
    return text.translate(_Folding())


class _Folding(dict[int, str]):
    """The folded form of each character of a text, worked out once."""

    def __missing__(self, code: int) -> str:
        letters = unicodedata.normalize("NFKD", chr(code)).casefold()
        self[code] = "".join(_folded_letter(letter) for letter in letters)
        return self[code]


def _folded_letter(letter: str) -> str:
    category = unicodedata.category(letter)[0]
    if letter.isspace() or category in "PSZ":
        return " "
    return letter if category in "LN" and letter not in _HANGUL_FILLERS else ""


def _is_alone(words: list[str], vocabulary: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a message consists of phrases alone: one, however it is spaced (`S T O P`), or several single words."""
    phrases = {phrase for phrases in vocabulary.values() for phrase in phrases}
    joined = {phrase.replace(" ", "") for phrase in phrases}
    return bool(words) and ("".join(words) in joined or all(word in phrases for word in words))
