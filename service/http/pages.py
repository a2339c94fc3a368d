"""Pages of lists: the size and the cursor that a request names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from journeys.primitives.canonical import parse_time
from journeys.primitives.errors import Refused
from service.enrollments.store.journey_lists import ListPosition
from service.http.fields import CURSOR
from service.http.spec import Identifier

PAGE_SIZE = 50
_ID = re.compile(Identifier.regex)
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,9})")
_ENROLLED = re.compile(rf"([0-9T:.-]{{1,32}}Z)~({Identifier.regex})")


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


def after_enrolled(query: Mapping[str, Any]) -> ListPosition:
    """The position in the list of a journey's enrollments after which the page begins: the cursor, or `since`.

    Raises:
        Refused: the cursor is not one of this list.
    """
    if "cursor" not in query:
        return ListPosition(query["since"]) if "since" in query else ListPosition()
    match = _ENROLLED.fullmatch(query["cursor"])
    try:
        return ListPosition(parse_time(match[1] if match else "")[0], match[2] if match else "")
    except ValueError:
        raise Refused({"cursor": [CURSOR]}) from None
