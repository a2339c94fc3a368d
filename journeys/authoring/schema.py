"""JSON Schemas (2020-12) of the files that authors write, for editors. What lint says goes further, and decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from journeys.authoring.stories import PersonaForm, StoryForm
from journeys.content.catalogue import PieceForm
from journeys.definition.facts import FACT_KINDS
from journeys.definition.model import CONTACTS, PROGRAMME_KINDS, PROPERTIES, REPORTERS
from journeys.definition.reading.journey import TAKES
from journeys.definition.reading.shape import KEY, LOCALE, NAME
from journeys.interop.fhir import FhirMappingForm

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

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


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _whole(title: str, body: Schema, definitions: Mapping[str, Schema]) -> Schema:
    return {"$schema": DIALECT, "title": title, **body, "$defs": dict(definitions)}


_TITLES: Schema = {
    "description": "A text by locale, as in {en: …, es: …}",
    "type": "object",
    "propertyNames": {"pattern": f"^(?:{LOCALE.pattern})$"},
    "additionalProperties": TEXT,
}
#: The part that each contact needs.
_NEEDED = {who: "email" if who == "sender" else "phone" for who in CONTACTS}


def journey_schema() -> Schema:
    """Of a definition, `definitions/<journey>.yaml`."""
    titles = _ref("titles")
    name = NAME.pattern
    trigger = _keys({}, {"by": _list_or_one(REPORTERS), "requires": TEXTS, "title": titles})
    fact = _keys(
        {"type": _one_of(FACT_KINDS)},
        {
            "by": _list_or_one(REPORTERS),
            "hold_until": _ref("hold"),
            "title": titles,
            "labels": {"type": "object", "additionalProperties": titles},
            "lasting": FLAG,
            "values": _ref("values"),
            "min": WHOLE,
            "max": WHOLE,
            "max_length": WHOLE,
        },
        "What people tell",
    )
    definitions: dict[str, Schema] = {
        "titles": _TITLES,
        "hold": {
            "description": "Kept from the patient until this is reported",
            "anyOf": [
                {"type": "string"},
                _keys({"trigger": {"type": "string"}}, {"within": DURATION, "for": TEXT}),
            ],
        },
        "values": {
            "type": "array",
            "items": {"anyOf": [TEXT, {"type": "object", "additionalProperties": _ref("values")}]},
        },
        "task": _keys({"for": TEXT, "within": DURATION, "title": TEXT}, {"closed_by": TEXTS}, "What a person must do"),
        "timer": _keys(
            {"delay": DURATION},
            {
                "from": {"type": "string", "description": "The date fact that it counts from"},
                "when": CONDITION,
                "name": TEXT,
                "to": {"type": "string"},
                "remind": {"type": "string"},
                "task": _ref("task"),
            },
            "What happens a while after entry, or after (before) a date",
        ),
        "transition": {
            "anyOf": [
                {"type": "string"},
                _keys(
                    {},
                    {
                        "when": CONDITION,
                        "to": {"type": "string"},
                        "otherwise": {"type": "string"},
                        "order": WHOLE,
                        "reenter": FLAG,
                    },
                ),
            ]
        },
        "states": _named(_ref("state"), name, may_be_empty=True),
        "state": _keys(
            {},
            {
                "title": titles,
                "initial": {"type": "string"},
                "states": _ref("states"),
                "on": {
                    "description": "What each trigger does here",
                    "type": ["object", "null"],
                    "additionalProperties": {
                        "anyOf": [_ref("transition"), {"type": "array", "items": _ref("transition")}]
                    },
                },
                "after": {"type": ["array", "null"], "items": _ref("timer")},
                "task": _ref("task"),
                "forget": TEXTS,
                "hold_until": _ref("hold"),
                "tags": TEXTS,
                "no_content": {**TEXT, "description": "Why there is nothing to read in this state"},
            },
        ),
    }
    properties: dict[str, Schema] = {
        kind: _keys({}, dict.fromkeys((*subjects, *TAKES[kind]), TEXT)) for kind, subjects in PROPERTIES.items()
    }
    return _whole(
        "A patient journey",
        _keys(
            {
                "journey": {"type": "string", "pattern": f"^(?:{KEY.pattern})$", "maxLength": 64},
                "title": titles,
                "locales": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                "tracks": _named(
                    _keys({"initial": {"type": "string"}, "states": _ref("states")}, {"title": titles}), name
                ),
            },
            {
                "facts": _named(fact, name),
                "groups": _named(TEXTS, name),
                "conditions": _named(CONDITION, name),
                "triggers": _named(trigger, name, may_be_empty=True),
                "ends": _named(trigger, name, may_be_empty=True),
                "entry": _named(_keys({"title": titles, "state": TEXTS}, {"asks": TEXTS}), name),
                "programme": _named(
                    _keys({"type": _one_of(PROGRAMME_KINDS)}, {"title": titles, "max_length": WHOLE}), name
                ),
                "contacts": _keys(
                    {},
                    {
                        who: _keys(
                            {_NEEDED[who]: TEXT, **({} if who == "sender" else {"title": titles})},
                            dict.fromkeys((one for one in parts if one != _NEEDED[who]), TEXT),
                        )
                        for who, parts in CONTACTS.items()
                    },
                ),
                "renamed": {"type": ["object", "null"], "additionalProperties": TEXT},
                "properties": {
                    "type": ["array", "null"],
                    "items": _keys({}, {**properties, "title": titles}),
                },
            },
        ),
        definitions,
    )


def programmes_schema() -> Schema:
    """Of `definitions/<journey>.programmes.yaml`."""
    value = {"anyOf": [TEXT, _ref("titles")]}
    programme = _keys({"title": _ref("titles")}, {"values": {"type": "object", "additionalProperties": value}})
    return _whole(
        "The programmes of a journey", _keys({"programmes": _named(programme, KEY.pattern)}, {}), {"titles": _TITLES}
    )


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "journey": journey_schema,
    "piece": PieceForm.file_schema,
    "programmes": programmes_schema,
    "story": StoryForm.file_schema,
    "persona": PersonaForm.file_schema,
    "fhir": FhirMappingForm.file_schema,
}
