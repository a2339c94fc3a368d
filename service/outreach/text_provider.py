"""The file that describes how to call a provider of text messages: JSON with the attributes of `TextProvider`."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from service.outreach.sms import TextProvider

_PATHS = ("id_path", "code_path")
_SETS = ("opted_out_statuses", "opted_out_codes")
_KINDS: dict[str, type] = {
    **dict.fromkeys(("url", "method"), str),
    **dict.fromkeys(("body", "headers"), dict),
    **dict.fromkeys((*_PATHS, *_SETS), list),
    "tells_repeats": bool,
}


def read_text_provider(file: Path) -> TextProvider:
    """The provider that a file describes.

    Raises:
        ValueError: the file cannot be read, or describes none; the text says what is accepted.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ValueError(f"sms_provider must name a JSON file that can be read, not {file}.") from None
    accepted = {field.name for field in fields(TextProvider)}
    if not isinstance(values, dict) or not {"url", "body"} <= values.keys() <= accepted:
        names = ", ".join(sorted(accepted))
        raise ValueError(f"{file} must be an object with url and body; accepted are {names}.")
    for name, value in values.items():
        if not isinstance(value, _KINDS[name]):
            raise ValueError(f"{file}: '{name}' has a value of a wrong type; docs/service.md has an example.")
    lists = {name: tuple(values[name]) for name in _PATHS if name in values}
    sets = {name: frozenset(values[name]) for name in _SETS if name in values}
    return TextProvider(**values | lists | sets)
