"""From a body to what it reports: our own form, or a CloudEvent (structured, or binary with ce- headers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from werkzeug.datastructures import Headers

from journeys.engine import Placement, Report
from journeys.primitives.errors import CallerError, Refused
from service.access.caller import Caller
from service.http.context import loaded
from service.http.event_schemas import BatchItem, EventIn, PlacementIn
from service.http.fields import OBJECT, REQUIRED, TEXT, is_text
from service.http.schema import ID

CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"
#: What stands around the data of a CloudEvent and is read here; other attributes are extensions, passed over.
ENVELOPE = ("id", "source", "type", "time", "subject", "specversion")
#: What names the enrollment of an item of a batch.
ADDRESS = ("enrollment", "patient_ref", "journey", "key")

SPECVERSION = "It must be 1.0."
NO_BASE64 = "Send the facts as JSON in 'data'."
SOURCE = "It must be a URI reference of 1 to 255 characters, without blanks."

_EVENT = EventIn()
_BATCH_ITEM = BatchItem()
_PLACEMENT = PlacementIn()


def is_cloudevent(body: Mapping[str, Any]) -> bool:
    """Whether a body says that it is a CloudEvent."""
    return "specversion" in body


def envelope_of(headers: Headers, data: Any) -> dict[str, Any]:
    """The structured form of a CloudEvent sent in binary form."""
    found: dict[str, Any] = {name: unquote(headers[f"ce-{name}"]) for name in ENVELOPE if f"ce-{name}" in headers}
    return found | {"data": data}


def event_id(body: Mapping[str, Any]) -> str | None:
    """The reporter's id of what a body reports, as far as it can be read.

    A CloudEvent is named by its source and id together; no source has a blank, so the two stay apart.
    """
    given = body.get("id")
    if not is_text(given, ID):
        return None
    if not is_cloudevent(body):
        return str(given)
    source = body.get("source")
    return f"{source} {given}" if _is_source(source) else None


def event_of(body: Mapping[str, Any], caller: Caller) -> Report | CallerError:
    """The event that a body reports, or what is wrong with it."""
    try:
        return _event(loaded(_EVENT, _plain(body) if is_cloudevent(body) else body), event_id(body), caller)
    except CallerError as error:
        return error


def batch_event_of(body: Mapping[str, Any], caller: Caller) -> Report | CallerError:
    """The event that an item of a batch reports, or what is wrong with it."""
    try:
        return _event(loaded(_BATCH_ITEM, _plain(body) if is_cloudevent(body) else body), event_id(body), caller)
    except CallerError as error:
        return error


def address_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Which enrollment an item of a batch names: by id, or by patient and journey.

    A CloudEvent names it as `subject`, or by the extension attributes `patientref`, `journey` and `key`.

    Raises:
        Refused: when it names none.
    """
    names = {"enrollment": "subject", "patient_ref": "patientref"} if is_cloudevent(body) else {}
    found = {name: body[names.get(name, name)] for name in ADDRESS if names.get(name, name) in body}
    wrong = {name: [TEXT.format(128)] for name, value in found.items() if not is_text(value, 128)}
    if wrong:
        raise Refused(wrong)
    if "enrollment" not in found and not {"patient_ref", "journey"} <= found.keys():
        raise Refused({"enrollment": [f"{REQUIRED} Or name 'patient_ref' and 'journey'."]})
    return found


def placement_of(body: Mapping[str, Any], caller: Caller) -> Placement | CallerError:
    """The placement that a body asks for, or what is wrong with it."""
    try:
        values = loaded(_PLACEMENT, body)
    except CallerError as error:
        return error
    at, day = values.get("occurred_at", (None, False))
    return Placement(
        id=values["id"],
        reporter=caller.name,
        state=values["state"],
        reason=values["reason"],
        at=at,
        day=day,
        facts=values.get("facts", {}),
        told=values.get("told", False),
        replaces=values.get("replaces"),
    )


def _event(values: Mapping[str, Any], name: str | None, caller: Caller) -> Report:
    at, day = values["occurred_at"]
    return Report(
        id=name or values["id"],
        type=values["type"],
        reporter=caller.name,
        by=caller.by,
        at=at,
        day=day,
        sequence=values.get("sequence", 0),
        facts=values.get("facts", {}),
        told=values.get("told", False),
        replaces=values.get("replaces"),
        piece=values.get("piece"),
    )


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """Our own form of a CloudEvent.

    Raises:
        Refused: when the envelope is none.
    """
    wrong: dict[str, list[str]] = {}
    data = body.get("data", {})
    if body.get("specversion") != "1.0":
        wrong["specversion"] = [SPECVERSION]
    if not _is_source(body.get("source")):
        wrong["source"] = [SOURCE]
    if "data_base64" in body:
        wrong["data_base64"] = [NO_BASE64]
    if not isinstance(data, dict):
        wrong["data"] = [OBJECT]
    if wrong:
        raise Refused(wrong)
    plain = {name: value for name, value in data.items() if name not in ("id", "type", *ADDRESS)}
    if "time" in body:
        plain["occurred_at"] = body["time"]
    return plain | {name: body[name] for name in ("id", "type") if name in body}


def _is_source(source: Any) -> bool:
    return is_text(source, ID) and not any(letter.isspace() for letter in source)
