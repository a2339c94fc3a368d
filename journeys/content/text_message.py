"""The size of a text message as a phone network counts it (3GPP TS 23.038 and TS 23.040). It sends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gsm0338 import Codec

MOST_PARTS = 4
#: The largest number of parts that a piece may ask for.
_LIMITS = {"GSM 7-bit": (160, 153), "UCS-2": (70, 67)}
#: The units of a message of one part, and of each part of a longer one, whose header takes the rest.

_CODEC = Codec()


@dataclass(frozen=True, slots=True)
class MessageSize:
    """The alphabet of a message, its length in units (septets, or 16-bit units of UCS-2), and its number of parts.

    `foreign` are the characters, each once, that the 7-bit alphabet lacks; one of them makes the message UCS-2.
    """

    alphabet: Literal["GSM 7-bit", "UCS-2"]
    units: int
    parts: int
    foreign: tuple[str, ...] = ()

    @property
    def limits(self) -> tuple[int, int]:
        """The units that fit into a message of one part, and into each part of a longer one."""
        return _LIMITS[self.alphabet]


def measure(text: str) -> MessageSize:
    """The size of a message.

    `[`, `]`, `{`, `}`, `~`, `|`, `^`, the backslash and the euro sign take two septets; a character beyond U+FFFF takes
    two units of UCS-2. No part ends between the two. Alphabets of single languages are not counted: few networks have
    them.
    """
    foreign = tuple(dict.fromkeys(character for character in text if _septets(character) == 0))
    if foreign:
        return _size("UCS-2", (len(character.encode("utf-16-be")) // 2 for character in text), foreign)
    return _size("GSM 7-bit", map(_septets, text), ())


def _septets(character: str) -> int:
    """The septets of a character; 0 where the alphabet lacks it."""
    try:
        return len(_CODEC.encode(character)[0]) if character != "\x1b" else 0
    except UnicodeEncodeError:
        return 0


def _size(alphabet: Literal["GSM 7-bit", "UCS-2"], units: Iterable[int], foreign: tuple[str, ...]) -> MessageSize:
    alone, each = _LIMITS[alphabet]
    total, parts, filled = 0, 1, 0
    for count in units:
        total += count
        if filled + count > each:
            parts, filled = parts + 1, 0
        filled += count
    return MessageSize(alphabet, total, 1 if total <= alone else parts, foreign)
