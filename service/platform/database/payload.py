"""The codec of stored facts and content: canonical JSON bytes. Encryption, when it comes, belongs here alone."""

from __future__ import annotations

from typing import Any

import orjson

from journeys.primitives.canonical import canonical

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def seal(value: Any) -> bytes:
    """The stored bytes of a JSON value; no stored value has fractions.

    The bytes are those of `canonical`, which also writes the values that the faster orjson does not accept.
    """
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return canonical(value)


def unseal(stored: bytes) -> Any:
    """The value of stored bytes.

    orjson reads integers of 64 bits: the bounds of a fact have at most 9 digits, a number in a request body at most 19.
    """
    return orjson.loads(stored)
