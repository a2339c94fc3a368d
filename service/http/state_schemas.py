"""Schemas of the current state of an enrollment, as answers of several routes have it."""

from __future__ import annotations

from marshmallow import Schema, fields

from service.http.schema import PRECISION, Happened, HappenedPrecision, Timestamp, answer_field


class StateOut(Schema):
    """The current state of one track."""

    state = fields.String(required=True, attribute="stay.state")
    title = fields.String(required=True)
    since = answer_field(Happened, "The beginning of the stay.", attribute="stay")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="stay")


class Transition(Schema):
    """One transition: leaf paths in the track."""

    track = fields.String(required=True)
    start = fields.String(required=True, allow_none=True, data_key="from")
    end = fields.String(required=True, allow_none=True, data_key="to")
    trigger = fields.String(required=True)


class EndedOut(Schema):
    """How the enrollment ended."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    at = answer_field(Happened, "When it ended.")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="at")


class PieceOut(Schema):
    """One piece of content."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    locale = fields.String(required=True)
    html = fields.String()
    text = fields.String()


class HeldOut(Schema):
    """A fact or a state that the patient has not been told yet."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    until = answer_field(fields.String, "The trigger that reports the telling.")
    since = answer_field(Happened, "When it happened.")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="since")


class WaitingOut(Schema):
    """An event that waits for facts."""

    event = fields.String(required=True)
    type = fields.String(required=True)
    track = fields.String(required=True)
    missing = fields.List(fields.String(), required=True, data_key="for")
    since = Timestamp(required=True)


class TimerOut(Schema):
    """A timer that will fire."""

    track = fields.String(required=True)
    state = fields.String(required=True)
    name = fields.String(required=True)
    due = Timestamp(required=True)


class TaskOut(Schema):
    """A task for a person."""

    id = fields.String(required=True)
    enrollment = fields.String(
        required=True, allow_none=True, metadata={"description": "Null for a task about content."}
    )
    patient_ref = fields.String(required=True, allow_none=True)
    journey = fields.String(required=True)
    kind = fields.String(
        required=True,
        metadata={
            "description": "`tell` the patient; `task`; `approval`: content is shown to nobody until it is signed."
        },
    )
    state = fields.String(required=True)
    title = fields.String(required=True)
    assignee = fields.String(required=True)
    due = Timestamp(required=True, allow_none=True)
    status = fields.String(required=True)
    opened_at = Timestamp(required=True)
    closed_at = Timestamp(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)


class Now(Schema):
    """The enrollment at the moment of the request. `held`, `waiting`, `timers` and `tasks` are for staff only."""

    state = fields.Dict(required=True, keys=fields.String(), values=fields.Nested(StateOut))
    ended = fields.Nested(EndedOut, required=True, allow_none=True)
    content = fields.List(fields.Nested(PieceOut), required=True)
    locale = fields.String(required=True, metadata={"description": "The locale served."})
    revised = fields.Boolean(metadata={"description": "Whether a later event changed the result of this decision."})
    held = fields.List(fields.Nested(HeldOut))
    waiting = fields.List(fields.Nested(WaitingOut))
    timers = fields.List(fields.Nested(TimerOut))
    tasks = fields.List(fields.Nested(TaskOut))
