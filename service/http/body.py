"""Request bodies as strict JSON: what could not be kept, or would be choked on, is refused before it is used."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from service.platform import errors

MAX_DEPTH = 32
MAX_DIGITS = 19
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def parse_json(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The values of a JSON text.

    Raises:
        Malformed: not UTF-8, not JSON, too deep, a number that is none or too large, a key twice, a text that
            cannot be stored.
    """
    if not data.strip():
        raise errors.Malformed(errors.EMPTY_BODY)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise errors.Malformed(errors.NOT_UTF8) from None
    if _depth(data) > max_depth:
        raise errors.Malformed(errors.TOO_DEEP.format(max_depth))
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_fraction,
        )
    except json.JSONDecodeError as error:
        raise errors.Malformed(errors.NOT_JSON_AT.format(error.lineno, error.colno)) from None
    except (ValueError, RecursionError):
        raise errors.Malformed(errors.NOT_JSON) from None
    if b"\\u" in data and not _is_storable(value):
        raise errors.Malformed(errors.TEXT_NOT_STORABLE)
    return value


def parse_object(data: bytes) -> dict[str, Any]:
    """The members of a JSON object.

    Raises:
        Malformed: see `parse_json`; or it is something else than an object.
    """
    value = parse_json(data)
    if not isinstance(value, dict):
        raise errors.Malformed(errors.NOT_AN_OBJECT)
    return value


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for match in _BRACKETS.finditer(data):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif token in (b"]", b"}"):
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise errors.Malformed(errors.DUPLICATE_KEY)
    return found


def _no_constant(_: str) -> float:
    raise errors.Malformed(errors.NOT_JSON)


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise errors.Malformed(errors.NUMBER_OUT_OF_RANGE)
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise errors.Malformed(errors.NUMBER_OUT_OF_RANGE)
    return value


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, list):
        return all(_is_storable(item) for item in value)
    if isinstance(value, dict):
        return all(_is_storable(key) and _is_storable(item) for key, item in value.items())
    return True
