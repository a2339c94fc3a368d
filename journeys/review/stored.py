"""Values of a review as plain JSON, the form in which packs are stored and compared."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from journeys.content.catalogue import Picture
from journeys.content.templates import Filled
from journeys.primitives.canonical import time_text


def to_json(value: Any) -> Any:
    """A value as plain JSON: fields by name, sets sorted, a picture with an address that holds it whole."""
    match value:
        case Picture():
            return {"file": value.file, "media_type": value.media_type, "src": source_of(value)}
        case Filled():
            return value.markdown
        case _ if is_dataclass(value) and not isinstance(value, type):
            shown = [field.name for field in fields(value) if not field.name.startswith("_")]
            return {name: to_json(getattr(value, name)) for name in shown}
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case frozenset() | set():
            return sorted(to_json(item) for item in value)
        case datetime():
            return time_text(value)
        case list() | tuple():
            return [to_json(item) for item in value]
        case _:
            return value


def source_of(picture: Picture) -> str:
    """A picture as an address that holds it whole."""
    return f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}"
