"""Request bodies as strict JSON: a body that could not be stored or is too deep is refused before it is used."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from service.platform import errors

MAX_DEPTH = 32
MAX_DIGITS = 19

OUT_OF_RANGE = "A number in the body is outside the accepted range."
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def parse_json(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The values of a JSON text.

    Raises:
        Malformed: the text is not UTF-8 or not JSON, is nested too deep, or has a number out of range, a key twice in
            an object, or a text that cannot be stored.
    """
    if not data.strip():
        raise errors.Malformed("The body is empty. Send a JSON object.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise errors.Malformed("The body is not UTF-8.") from None
    if _depth(data) > max_depth:
        raise errors.Malformed(f"The body is nested deeper than {max_depth} levels.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_fraction,
        )
    except json.JSONDecodeError as error:
        raise errors.Malformed(
            f"The body is not JSON (RFC 8259): error at line {error.lineno}, column {error.colno}."
        ) from None
    except (ValueError, RecursionError):
        raise errors.Malformed("The body is not JSON (RFC 8259).") from None
    if b"\\u" in data and not _is_storable(value):
        raise errors.Malformed("A text in the body contains a NUL character or half of a surrogate pair.")
    return value


def parse_object(data: bytes) -> dict[str, Any]:
    """The members of a JSON object.

    Raises:
        Malformed: as `parse_json`, or the value is not an object.
    """
    value = parse_json(data)
    if not isinstance(value, dict):
        raise errors.Malformed("The body must be a JSON object.")
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
    members = dict(pairs)
    if len(members) != len(pairs):
        raise errors.Malformed("A key is listed twice in one JSON object.")
    return members


def _no_constant(_: str) -> float:
    raise errors.Malformed("The body is not JSON (RFC 8259).")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise errors.Malformed(OUT_OF_RANGE)
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise errors.Malformed(OUT_OF_RANGE)
    return value


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, list):
        return all(_is_storable(item) for item in value)
    if isinstance(value, dict):
        return all(_is_storable(key) and _is_storable(item) for key, item in value.items())
    return True
