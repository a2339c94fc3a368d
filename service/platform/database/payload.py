"""The one codec of what a patient told or was shown: canonical JSON bytes. Encryption will go in here, nowhere else."""

from __future__ import annotations

from typing import Any

import orjson

from journeys.primitives.canonical import canonical

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def seal(value: Any) -> bytes:
    """The stored bytes of plain JSON values without fractions, of which nothing that is stored has any.

    They are those of `canonical`, written several times as fast; it is asked where a value is not written that way.
    """
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return canonical(value)


def unseal(stored: bytes) -> Any:
    """The values of stored bytes; no whole number among them has more than the 64 bits that the reader takes.

    The bounds of a fact have at most 9 digits, a number in a body 19.
    """
    return orjson.loads(stored)
