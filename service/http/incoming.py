"""Reading reports from bodies: our own form, or a CloudEvent (structured, or binary with ce- headers)."""

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
#: The attributes of a CloudEvent that are read; all others are extensions and ignored.
ENVELOPE = ("id", "source", "type", "time", "subject", "specversion")
SIGNIFICANT = (frozenset(ENVELOPE) - {"subject"}) | {"data"}
#: Those that say what is reported.

#: The fields that name the enrollment of an item of a batch.
ADDRESS = ("enrollment", "patient_ref", "journey", "key")

SPECVERSION = "This must be '1.0'."
NO_BASE64 = "Binary data is not accepted. Send the facts as JSON in 'data'."
SOURCE = "This must be a URI reference of 1 to 255 characters without blanks."

_EVENT = EventIn()
_BATCH_ITEM = BatchItem()
_PLACEMENT = PlacementIn()


def is_cloudevent(body: Mapping[str, Any]) -> bool:
    """Whether a body is a CloudEvent."""
    return "specversion" in body


def envelope_of(headers: Headers, data: Any) -> dict[str, Any]:
    """The structured form of a CloudEvent that was sent in binary form."""
    attributes: dict[str, Any] = {name: unquote(headers[f"ce-{name}"]) for name in ENVELOPE if f"ce-{name}" in headers}
    return attributes | {"data": data}


def significant_part(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a body that says what is reported.

    Source and id name a CloudEvent; brokers add and change extensions (`traceparent`, the time of arrival) when they
    deliver it again. So extensions are left out, and the subject, which only names the enrollment: an event is the same
    alone and in a batch.
    """
    if not is_cloudevent(body):
        return body
    return {"data": {}} | {name: value for name, value in body.items() if name in SIGNIFICANT}


def event_id(body: Mapping[str, Any]) -> str | None:
    """The reporter's id of a report, or None where it cannot be read.

    The id of a CloudEvent is its source and id together; a source has no blank, so the two cannot be confused.
    """
    event = body.get("id")
    if not is_text(event, ID):
        return None
    if not is_cloudevent(body):
        return str(event)
    source = body.get("source")
    return f"{source} {event}" if _is_source(source) else None


def event_of(body: Mapping[str, Any], caller: Caller) -> Report | CallerError:
    """The event that a body reports, or the problem with the body."""
    try:
        return _event(loaded(_EVENT, _plain(body) if is_cloudevent(body) else body), event_id(body), caller)
    except CallerError as error:
        return error


def batch_event_of(body: Mapping[str, Any], caller: Caller) -> Report | CallerError:
    """The event that an item of a batch reports, or the problem with the item."""
    try:
        return _event(loaded(_BATCH_ITEM, _plain(body) if is_cloudevent(body) else body), event_id(body), caller)
    except CallerError as error:
        return error


def address_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The address of the enrollment of an item of a batch: its id, or a patient and a journey.

    A CloudEvent names it as `subject`, or by the extension attributes `patientref`, `journey` and `key`.

    Raises:
        Refused: the item names no enrollment.
    """
    names = {"enrollment": "subject", "patient_ref": "patientref"} if is_cloudevent(body) else {}
    address = {name: body[names.get(name, name)] for name in ADDRESS if names.get(name, name) in body}
    wrong = {name: [TEXT.format(128)] for name, value in address.items() if not is_text(value, 128)}
    if wrong:
        raise Refused(wrong)
    if "enrollment" not in address and not {"patient_ref", "journey"} <= address.keys():
        raise Refused({"enrollment": [f"{REQUIRED} You can send 'patient_ref' and 'journey' instead."]})
    return address


def in_senders_names(error: CallerError, body: Any) -> CallerError:
    """The error with the names of a CloudEvent, where the body is one: `time`, `data.facts.last_scan_on`."""
    if not (isinstance(error, Refused) and isinstance(body, dict) and is_cloudevent(body)):
        return error
    return Refused({_attribute(name): texts for name, texts in error.fields.items()})


def _attribute(field_name: str) -> str:
    if field_name == "occurred_at":
        return "time"
    is_of_envelope = field_name in (*ENVELOPE, *ADDRESS, "data", "data_base64")
    return field_name if is_of_envelope else f"data.{field_name}"


def placement_of(body: Mapping[str, Any], caller: Caller) -> Placement | CallerError:
    """The placement that a body requests, or the problem with the body."""
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
        question=values.get("question"),
        until=values.get("until"),
        topic=values.get("topic"),
    )


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """A CloudEvent in our own form.

    Raises:
        Refused: the envelope is not that of a CloudEvent.
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
