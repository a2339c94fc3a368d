"""Pages of lists: the size and the cursor that a request names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from journeys.primitives.errors import Refused
from service.http.fields import CURSOR
from service.http.spec import Identifier

PAGE_SIZE = 50
_ID = re.compile(Identifier.regex)
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,9})")


def page_size(query: Mapping[str, Any]) -> int:
    """The requested number of items."""
    return int(query.get("limit", PAGE_SIZE))


def after_id(query: Mapping[str, Any]) -> str:
    """The id after which the page begins.

    Raises:
        Refused: the cursor is not one of this list.
    """
    cursor = query.get("cursor", "")
    if cursor and not _ID.fullmatch(cursor):
        raise Refused({"cursor": [CURSOR]})
    return str(cursor)


def after_place(query: Mapping[str, Any]) -> tuple[int, int]:
    """The position in a history (revision, sequence) after which the page begins.

    Raises:
        Refused: the cursor is not one of this list.
    """
    if "cursor" not in query:
        return -1, -1
    match = _PLACE.fullmatch(query["cursor"])
    if match is None:
        raise Refused({"cursor": [CURSOR]})
    return int(match[1]), int(match[2])
