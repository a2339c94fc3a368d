"""Request bodies as strict JSON: a body that could not be stored or is too deep is refused before it is used."""

from __future__ import annotations

import codecs
import json
import math
from typing import Any

from service.platform import errors
from service.platform.form_fields import UNSTORABLE

MAX_DEPTH = 32
MAX_DIGITS = 19
#: Lists and objects; while json makes a megabyte of empty lists, no other thread of the process runs.
MAX_CONTAINERS = 50_000

OUT_OF_RANGE = (
    f"A number in the body is too large. Whole numbers may have {MAX_DIGITS} digits, others an exponent of 308."
)


def parse_json(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The values of a JSON text.

    Raises:
        Malformed: the text is not UTF-8 or not JSON, is nested too deep, or has too many lists and objects, a number
            out of range, a key twice in an object, or a text that cannot be stored.
    """
    if not data.strip():
        raise errors.Malformed("The body is empty. Send a JSON object.")
    if data.count(b"[") + data.count(b"{") > MAX_CONTAINERS:
        raise errors.Malformed(f"The body has more lists and objects than the {MAX_CONTAINERS:,} that are accepted.")
    if data.startswith(codecs.BOM_UTF8):
        raise errors.Malformed("The body begins with a byte order mark. Send UTF-8 without it.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise errors.Malformed("The body is not UTF-8. Send it in UTF-8.") from None
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
    except RecursionError:  # json itself gives up at Python's own limit, far beyond ours
        raise _too_deep(max_depth) from None
    except ValueError:
        raise errors.Malformed("The body is not JSON (RFC 8259).") from None
    _check(value, max_depth, max_depth, has_escapes=b"\\u" in data)
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise errors.Malformed("A key is listed twice in one JSON object.")
    return members


def _no_constant(constant: str) -> float:
    raise errors.Malformed(f"The body is not JSON (RFC 8259): '{constant}' is not a number.")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise errors.Malformed(OUT_OF_RANGE)
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise errors.Malformed(OUT_OF_RANGE)
    return value


def _check(value: Any, levels: int, max_depth: int, *, has_escapes: bool) -> None:
    """Refuses values that nest deeper than `levels`, and texts that a database could not store.

    Each value is met once and no deeper than the levels: linear in the size of the body, whatever its shape.
    """
    if isinstance(value, str):
        if has_escapes and UNSTORABLE.search(value):
            raise errors.Malformed("A text in the body contains a NUL character or half of a surrogate pair.")
        return
    if not isinstance(value, list | dict):
        return
    if not levels:
        raise _too_deep(max_depth)
    if isinstance(value, dict) and has_escapes:
        for key in value:
            _check(key, levels, max_depth, has_escapes=True)
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, str | list | dict):
            _check(item, levels - 1, max_depth, has_escapes=has_escapes)


def _too_deep(max_depth: int) -> errors.Malformed:
    return errors.Malformed(f"The body is nested deeper than {max_depth} levels.")
