"""The fields of a form that a browser sends: how many there may be, and the texts that no database stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.platform import errors

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

#: No form of this service has more.
MOST_FIELDS = 100
#: Characters that no database stores.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """A text without the characters that no database stores."""
    return UNSTORABLE.sub("", text)


def require_fields(fields: MultiDict[str, str]) -> None:
    """Refuses fields that no form of this service sends.

    Raises:
        TooLarge: there are too many.
        MalformedForm: one of them has a NUL character or half of a surrogate pair.
    """
    if sum(len(texts) for _, texts in fields.lists()) > MOST_FIELDS:
        raise errors.TooLarge(f"At most {MOST_FIELDS} fields are accepted.")
    if any(UNSTORABLE.search(name) or UNSTORABLE.search(text) for name, text in fields.items(multi=True)):
        raise errors.MalformedForm("A field contains a NUL character or half of a surrogate pair.")
