"""JSON Schemas (2020-12) of the files that authors write, for editors. Lint checks more, and decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from journeys.authoring.stories import EXPECTED
from journeys.content.catalogue import CHANNELS, PURPOSES
from journeys.definition.model import REPORTERS
from journeys.definition.reading.forms import DIALECT
from journeys.definition.reading.journey import JourneyForm
from journeys.definition.reading.programmes import ProgrammesForm

Schema = dict[str, Any]

#: What editors read as a number, yes or a date is a text to us.
TEXT: Schema = {"type": ["string", "number", "boolean"]}
TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
WHOLE: Schema = {"type": ["integer", "string"], "pattern": "^-?[0-9]{1,9}$"}
FLAG: Schema = {"enum": [True, False, "true", "false"]}
DURATION: Schema = {"type": "string", "pattern": "^-?P", "description": "ISO 8601, such as P6M, P2W, PT12H or -P3D"}
CONDITION: Schema = {"type": ["string", "boolean"], "description": "A condition: facts, and, or, not, in, comparisons"}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}", "description": "2026-01-15"}


def _keys(required: Mapping[str, Schema], optional: Mapping[str, Schema], description: str = "") -> Schema:
    """These keys and no others."""
    found: Schema = {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }
    return {"description": description, **found} if description else found


def _named(each: Schema, pattern: str, *, may_be_empty: bool = False) -> Schema:
    """Names of the author's own, each with the same kind of value."""
    value = {"anyOf": [each, {"type": "null"}]} if may_be_empty else each
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": f"^(?:{pattern})$", "maxLength": 64},
        "additionalProperties": value,
    }


def _one_of(accepted: tuple[str, ...]) -> Schema:
    return {"enum": list(accepted)}


def _list_or_one(accepted: tuple[str, ...]) -> Schema:
    return {"anyOf": [_one_of(accepted), {"type": "array", "items": _one_of(accepted)}]}


def _whole(title: str, body: Schema, definitions: Mapping[str, Schema]) -> Schema:
    return {"$schema": DIALECT, "title": title, **body, "$defs": dict(definitions)}


_FACTS: Schema = {"type": "object", "additionalProperties": TEXTS, "description": "Facts that come with it"}
_STEP_KEYS: dict[str, Schema] = {
    "by": _one_of(REPORTERS),
    "id": TEXT,
    "facts": _FACTS,
    "occurred": {**DAY, "description": "When it happened, if earlier than it is reported"},
    "told": FLAG,
    "reason": TEXT,
}


def piece_schema() -> Schema:
    """Of `piece.yaml`."""
    reference = _keys({"title": TEXT}, {"source": TEXT, "url": {"type": "string", "pattern": "^https://"}})
    return _whole(
        "A piece: what its languages share",
        _keys(
            {"purpose": _one_of(PURPOSES)},
            {
                "when": CONDITION,
                "show_in": TEXTS,
                "channels": _list_or_one(CHANNELS),
                "tags": TEXTS,
                "order": WHOLE,
                "reminder": FLAG,
                "references": _named(reference, "[A-Za-z0-9_-]+"),
                "image": _keys({"file": {"type": "string", "pattern": r"\.(svg|png)$"}}, {}),
                "action": _keys({}, {"report": TEXT, "call": TEXT, "link": {"type": "string", "pattern": "^https://"}}),
                "reviewed": _keys({"by": TEXT, "on": DAY}, {}),
            },
        ),
        {},
    )


def story_schema() -> Schema:
    """Of a story."""
    step = _keys(
        {},
        {
            "on": DAY,
            "wait": DURATION,
            "enroll": {"anyOf": [_keys({}, {"entry": TEXT, "facts": _FACTS}), {"type": "null"}]},
            "report": TEXT,
            "retract": TEXT,
            "place": TEXT,
            "migrate": _keys({"to": TEXT}, {"map": {"type": "object", "additionalProperties": TEXT}}),
            **_STEP_KEYS,
            "sequence": WHOLE,
            "replaces": TEXT,
            "expect": {
                "type": ["object", "null"],
                "properties": {
                    name: {"anyOf": [TEXTS, {"type": "object", "additionalProperties": TEXT}, {"type": "null"}]}
                    for name in EXPECTED
                },
                "additionalProperties": False,
            },
        },
    )
    return _whole(
        "A story: a dated script",
        _keys(
            {"story": TEXT, "journey": TEXT, "steps": {"type": "array", "items": step, "minItems": 1}},
            {"patient": TEXT, "locale": TEXT},
        ),
        {},
    )


def persona_schema() -> Schema:
    """Of a persona."""
    event = _keys({"on": DAY}, {"report": TEXT, "place": TEXT, "retract": TEXT, **_STEP_KEYS})
    return _whole(
        "A persona: a sample patient",
        _keys(
            {"persona": TEXT, "journey": TEXT, "entry": TEXT, "today": DAY},
            {"locale": TEXT, "joined": DAY, "facts": _FACTS, "events": {"type": "array", "items": event}},
        ),
        {},
    )


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "journey": JourneyForm.file_schema,
    "piece": piece_schema,
    "programmes": ProgrammesForm.file_schema,
    "story": story_schema,
    "persona": persona_schema,
}
