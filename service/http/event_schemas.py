"""Schemas of the routes that take reports: events, batches, placements, retractions."""

from __future__ import annotations

from marshmallow import Schema, fields

from service.http.enrollment_schemas import AskedQuery
from service.http.fields import Day, Facts, Flag, OneOf, Text, When, Whole
from service.http.schema import ID, Nested, Request, answer_field, request_field
from service.http.state_schemas import Now, Transition
from service.http.view_schemas import ViewOut


class EventIn(Request):
    """An event to report."""

    id = request_field(
        Text,
        longest=ID,
        required=True,
        description="The reporter's id of this report. It never changes.",
        example="scan-2026-08",
    )
    type = request_field(
        Text,
        longest=100,
        required=True,
        description="A trigger of the journey, or `answered`, `later`, `seen`, `dismissed`, `helpful`, `topic_asked` "
        "or `topic_declined`.",
        example="scan_done",
    )
    occurred_at = request_field(When, required=True, description="When it happened: a day, or a time with an offset.")
    sequence = request_field(Whole, 0, 2**31 - 1, description="Order among events of the same time.", example=0)
    facts = request_field(
        Facts,
        description='Facts by name. `{"declined": true}` is a fact that a person declined to tell.',
        example={"last_scan_on": "2026-08-05"},
    )
    told = request_field(Flag, description="Staff only: a person has told the patient.")
    replaces = request_field(
        Text, longest=ID, description="The id of an earlier event that this event corrects.", example="scan-2026-07"
    )
    piece = request_field(
        Text, longest=64, description="With `seen`, `dismissed` or `helpful`: the key of the card.", example="scan-due"
    )
    question = request_field(
        Text,
        longest=100,
        description="With `later`, or with `seen` in place of `piece`: a group of facts, or a fact outside groups.",
        example="smoking",
    )
    until = request_field(
        Day, description="With `later`: the day from which to ask again, at most 366 days later.", example="2026-09-01"
    )
    topic = request_field(
        Text,
        longest=64,
        description="With `topic_asked` or `topic_declined`: the key of the topic.",
        example="appointments",
    )


class BatchItem(EventIn):
    """An event and the enrollment it is for."""

    enrollment = request_field(
        Text,
        longest=64,
        description="The id of the enrollment. Without it, send `patient_ref` and `journey`.",
        example="01J0EXAMPLE",
    )
    patient_ref = request_field(Text, longest=128, description="The patient, with `journey`.", example="patient-17")
    journey = request_field(Text, longest=64, description="The journey, with `patient_ref`.", example="nsclc")
    key = request_field(
        Text,
        longest=ID,
        description="The key of the enrollment, if the patient has several in this journey.",
        example="first",
    )


class BatchIn(Request):
    """Events of one or many enrollments. Each is applied by itself, in order."""

    events = fields.List(Nested(BatchItem), required=True)


class PlacementIn(Request):
    """A placement of an enrollment in a state, by staff."""

    id = request_field(
        Text,
        longest=ID,
        required=True,
        description="The reporter's id of this report. It never changes.",
        example="placed-1",
    )
    state = request_field(
        Text,
        longest=200,
        required=True,
        description="The full path: `disease.surveillance`.",
        example="disease.surveillance",
    )
    reason = request_field(
        Text,
        longest=500,
        required=True,
        description="The reason; it is stored in the history.",
        example="Joined after treatment elsewhere.",
    )
    occurred_at = request_field(When, description="When the placement takes effect; now by default.")
    facts = request_field(Facts, description="Facts by name.", example={"last_scan_on": "2026-08-05"})
    told = request_field(Flag, description="A person has told the patient.")
    replaces = request_field(
        Text, longest=ID, description="The id of an earlier event that this event corrects.", example="placed-0"
    )


class RetractionIn(Request):
    """The retraction of an event."""

    reason = request_field(OneOf, "entered_in_error", "wrong_patient", required=True)


class ReportQuery(AskedQuery):
    """Options of the content in an answer to a report."""

    include = request_field(OneOf, "view", description="`view` adds the screen to the answer.")


class EventQuery(ReportQuery):
    """Options of a report of an event."""

    dry_run = request_field(
        OneOf,
        "true",
        "false",
        description="`true`, for staff and apps: the answer is that of the event, and nothing is stored.",
    )


class ShownPiece(Schema):
    """A piece that was shown because of an event that was retracted."""

    piece = answer_field(fields.String, "The key of the piece.")
    version_digest = answer_field(fields.String, "The digest of its version.")
    locale = fields.String(required=True)
    channel = fields.String(required=True)


class Decision(Schema):
    """The decision on an event. It never changes."""

    event = fields.String(required=True, metadata={"description": "Our id of the event."})
    outcome = request_field(OneOf, "advanced", "waiting", "stayed", "ignored", required=True)
    by_track = fields.Dict(required=True, keys=fields.String(), values=fields.String())
    transitions = fields.List(fields.Nested(Transition), required=True)
    waiting_for = fields.List(fields.String(), required=True, metadata={"description": "Facts that are still unknown."})
    cleared = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Names of reminders and tasks that are no longer needed."},
    )
    shown = fields.List(
        fields.Nested(ShownPiece),
        metadata={
            "description": "After a retraction or a replacement: the pieces that were shown because of the event."
        },
    )


class Answered(Schema):
    """The answer to an event."""

    decision = fields.Nested(Decision, required=True)
    now = fields.Nested(Now, required=True)
    view = fields.Nested(ViewOut, metadata={"description": "The screen, with `include=view`."})


class BatchAnswer(Schema):
    """The answer to one item: either `decision` and `now`, or `problem`."""

    status = fields.Integer(required=True)
    replay = fields.Boolean()
    decision = fields.Nested(Decision)
    now = fields.Nested(Now)
    problem = fields.Dict()


class BatchAnswered(Schema):
    """The answers, in the order of the items."""

    items = fields.List(fields.Nested(BatchAnswer), required=True)
