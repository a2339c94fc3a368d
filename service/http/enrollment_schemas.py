"""Schemas of the routes that enroll a patient and read an enrollment."""

from __future__ import annotations

from typing import get_args

from marshmallow import Schema, fields

from service.enrollments.content import CHANNELS
from service.enrollments.facts import Precision
from service.http.fields import Facts, Flag, LocaleTag, Moment, OneOf, Span, Text, When, Zone
from service.http.schema import (
    ID,
    PRECISION,
    Happened,
    HappenedPrecision,
    LocaleQuery,
    Nested,
    OpenObject,
    PageQuery,
    Query,
    Request,
    Timestamp,
    answer_field,
    request_field,
)
from service.http.state_schemas import Now, PieceOut, StateOut, Transition


class PatientIn(Request):
    """The patient to enroll."""

    ref = request_field(
        Text,
        longest=128,
        required=True,
        description="Your reference for the patient; never a name.",
        example="patient-17",
    )
    locale = request_field(LocaleTag, required=True, description="The language that the patient reads: `en`, `es-US`.")
    time_zone = request_field(
        Zone, required=True, description="The time zone of the patient: `Europe/Madrid`.", example="Europe/Madrid"
    )


class JoiningIn(Request):
    """The entry and the time at which the patient joins."""

    entry = request_field(
        Text, longest=100, description="An entry of the journey; its initial states by default.", example="in_follow_up"
    )
    occurred_at = request_field(When, description="When the patient joins; now by default.")


class EnrollIn(Request):
    """A patient to enroll in a journey."""

    key = request_field(
        Text,
        longest=ID,
        required=True,
        description="Your key: the same key returns the same enrollment.",
        example="first",
    )
    journey = request_field(Text, longest=64, required=True, description="The key of the journey.", example="nsclc")
    programme = request_field(
        Text, longest=64, description="A programme of the journey; the first by default.", example="riverside"
    )
    patient = Nested(PatientIn, required=True)
    facts = request_field(
        Facts, description="Facts that are known from the start, by name.", example={"last_scan_on": "2026-08-05"}
    )
    at = Nested(JoiningIn)
    sandbox = request_field(
        Flag,
        description="True: of no patient, with a clock of its own that `/clock` moves; in no count, no feed and no "
        "message.",
    )


class ClockIn(Request):
    """Where to move the clock of a sandbox: `advance` or `to`."""

    advance = request_field(
        Span, description="How far ahead. A repeated request moves the clock again.", example="P30D"
    )
    to = request_field(
        Moment, description="Until when. A repeated request moves nothing.", example="2026-12-24T09:00:00Z"
    )


class SettingsIn(Request):
    """New settings of an enrollment. A setting that is left out does not change."""

    locale = request_field(LocaleTag, description="The language that the patient reads.", example="es-US")
    time_zone = request_field(Zone, description="The time zone of the patient.", example="America/Denver")
    programme = request_field(Text, longest=64, description="A programme of the journey.", example="riverside")


class AskedQuery(Query):
    """Options of content."""

    locale = request_field(LocaleTag, description="The language; the enrollment's by default.")
    channel = request_field(OneOf, *CHANNELS, description="The channel; `web` by default.")
    format = request_field(
        OneOf, "html", "text", "html,text", description="The formats of the bodies of pieces; no bodies by default."
    )


class HistoryQuery(PageQuery, LocaleQuery):
    """Page and language of a history or an explanation."""


class EnrollmentQuery(PageQuery):
    """The patient, or the journey, of a list of enrollments."""

    patient_ref = request_field(Text, longest=128, description="The patient.", example="patient-17")
    journey = request_field(
        Text, longest=64, description="For staff, in place of `patient_ref`: the key of the journey.", example="nsclc"
    )
    state = request_field(
        Text,
        longest=200,
        description="With `journey`: only enrollments that are in this state now, by its full path; an outer state "
        "includes the states in it.",
        example="disease.surveillance",
    )
    since = request_field(Moment, description="With `journey`: only patients who were enrolled at this time or later.")
    sandbox = request_field(
        OneOf, "true", "false", description="With `journey`: `true` lists its sandboxes, and no patient."
    )


class PatientOut(Schema):
    """The patient of an enrollment."""

    ref = fields.String(required=True, attribute="patient_ref")
    person = answer_field(fields.String, "The patient, in the routes of persons.", allow_none=True)
    locale = fields.String(required=True)
    time_zone = fields.String(required=True)


class EnrollmentOut(Schema):
    """One patient in one journey."""

    id = fields.String(required=True, attribute="stored.id")
    key = fields.String(required=True, attribute="stored.key")
    journey = fields.String(required=True, attribute="stored.journey")
    programme = fields.String(required=True, allow_none=True, attribute="stored.programme")
    patient = fields.Nested(PatientOut, required=True, attribute="stored")
    release = answer_field(fields.String, "The digest of its release.")
    created_at = Timestamp(required=True, attribute="stored.created_at")
    sandbox = answer_field(fields.Boolean, "Whether it is of no patient.", attribute="stored.is_sandbox")
    clock = answer_field(
        Timestamp, "The present of a sandbox; null where it is the real one.", allow_none=True, attribute="stored.clock"
    )
    now = fields.Nested(Now, required=True)


class DeletedOut(Schema):
    """A sandbox that is stored no more."""

    id = fields.String(required=True)
    deleted = answer_field(fields.Boolean, "Always true.")


class EnrollmentPage(Schema):
    """Enrollments, without content."""

    items = fields.List(fields.Nested(EnrollmentOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ContentOut(Schema):
    """The content of an enrollment."""

    items = fields.List(fields.Nested(PieceOut), required=True)
    locale = fields.String(required=True)


class KnownFactOut(Schema):
    """A fact that was told or declined."""

    name = answer_field(fields.String, "Its name among the `facts` of an event.")
    title = answer_field(fields.String, "In the patient's words.")
    value = answer_field(
        fields.Raw, 'As it is reported: true or false, a text, a number, a list of texts, or `{"declined": true}`.'
    )
    by = answer_field(fields.String, "The reporter type: `patient`, `family` or `staff`.")
    at = answer_field(Timestamp, "When the event happened that told it.")
    precision = answer_field(fields.String, PRECISION, enum=get_args(Precision))
    event = answer_field(fields.String, "The id of the event that told it.")


class FactsOut(Schema):
    """The known facts of an enrollment, by name."""

    items = fields.List(fields.Nested(KnownFactOut), required=True)
    locale = answer_field(fields.String, "The locale served.")


class TitledMoveOut(Schema):
    """A transition in a history, with its title in the reader's words."""

    track = fields.String(required=True)
    start = fields.String(required=True, allow_none=True, data_key="from")
    end = fields.String(required=True, allow_none=True, data_key="to")
    title = fields.String(required=True, allow_none=True)


class HistoryEntryOut(Schema):
    """A line of a history, as it is stored or in the patient's words."""

    revision = fields.Integer()
    kind = fields.String(required=True)
    at = answer_field(Happened, "When it happened.")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="at")
    item = fields.String()
    data = fields.Dict()
    event = fields.String()
    type = fields.String()
    title = fields.String()
    outcome = fields.String()
    transitions = fields.List(fields.Nested(TitledMoveOut))


class HistoryPage(Schema):
    """Lines of a history: every stored line for staff, lines in the patient's words for others."""

    items = fields.List(OpenObject(HistoryEntryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class EvaluatedConditionOut(Schema):
    """A condition that was evaluated."""

    state = fields.String(required=True)
    when = fields.String(required=True)
    truth = fields.Boolean(required=True, allow_none=True)
    saw = fields.Dict(required=True)


class ExplanationStepOut(Schema):
    """An event or a timer that was applied."""

    kind = fields.String(required=True)
    item = fields.String(required=True)
    type = fields.String(required=True)
    at = answer_field(Happened, "When it happened.")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="at")
    outcome = fields.String(required=True)
    by_track = fields.Dict(required=True)
    transitions = fields.List(fields.Nested(Transition), required=True)
    waiting_for = fields.List(fields.String(), required=True)
    why = fields.Dict(required=True)
    conditions = fields.List(fields.Nested(EvaluatedConditionOut), required=True, data_key="asked")
    title = fields.String()
    by = fields.String()
    reporter = fields.String()
    facts = fields.Dict()


class PieceReasonOut(Schema):
    """Why a piece is shown or not."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    shown = fields.Boolean(required=True)
    why = fields.String(required=True)
    missing = fields.List(fields.String(), required=True)
    saw = fields.Dict(required=True)


class MessageReasonOut(Schema):
    """What became of a message to the patient, and why."""

    id = fields.String(required=True, attribute="message.id")
    piece = answer_field(fields.String, "The key of what it says.", attribute="message.piece")
    status = answer_field(fields.String, "Its state.", attribute="message.status")
    channel = answer_field(fields.String, "The channel by which it left, or null.", allow_none=True)
    at = answer_field(Timestamp, "When it left or ended; null while it waits.", allow_none=True)
    why = answer_field(fields.String, "What became of it and why, in plain English, by the patient's clock.")


class Explanation(Schema):
    """Why the enrollment is in its states, why a piece is shown or not, and why a message left or did not."""

    id = fields.String(required=True, attribute="states.id")
    state = fields.Dict(required=True, keys=fields.String(), values=fields.Nested(StateOut), attribute="states.state")
    steps = fields.List(OpenObject(ExplanationStepOut), required=True, attribute="states.steps")
    content = fields.List(OpenObject(PieceReasonOut), required=True, attribute="states.content")
    messages = fields.List(fields.Nested(MessageReasonOut), required=True)
    next = fields.String(required=True, allow_none=True, attribute="states.next")
