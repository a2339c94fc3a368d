"""Schemas of the routes that enroll a patient and read an enrollment."""

from __future__ import annotations

from marshmallow import Schema, fields

from service.enrollments.content import CHANNELS
from service.http.fields import Facts, LocaleTag, OneOf, Text, When, Zone
from service.http.schema import ID, Instant, LocaleQuery, Nested, PageQuery, Query, Request, request_field
from service.http.state_schemas import Now, PieceOut, StateOut


class PatientIn(Request):
    """The patient to enroll."""

    ref = request_field(
        Text,
        longest=128,
        required=True,
        description="Your reference for the patient; never a name.",
        example="patient-17",
    )
    locale = request_field(LocaleTag, required=True, description="The language they read: `en`, `es-US`.")
    time_zone = request_field(
        Zone, required=True, description="Where they live: `Europe/Madrid`.", example="Europe/Madrid"
    )


class JoiningIn(Request):
    """Where and when the patient joins."""

    entry = request_field(
        Text, longest=100, description="An entry of the journey; its beginning unless given.", example="in_follow_up"
    )
    occurred_at = request_field(When, description="When; now unless given.")


class EnrollIn(Request):
    """A patient to enroll in a journey."""

    key = request_field(
        Text, longest=ID, required=True, description="Yours: the same key gives the same enrollment.", example="first"
    )
    journey = request_field(Text, longest=64, required=True, description="The key of the journey.", example="nsclc")
    programme = request_field(
        Text, longest=64, description="A programme of the journey; its first unless given.", example="riverside"
    )
    patient = Nested(PatientIn, required=True)
    facts = request_field(Facts, description="What is known from the start.", example={"last_scan_on": "2026-08-05"})
    at = Nested(JoiningIn)


class AskedQuery(Query):
    """How content is wanted."""

    locale = request_field(LocaleTag, description="The language wanted; the enrollment's unless given.")
    channel = request_field(OneOf, *CHANNELS, description="The channel; `web` unless given.")
    format = request_field(
        OneOf, "html", "text", "html,text", description="Which bodies of the pieces are wanted; none unless given."
    )


class HistoryQuery(PageQuery, LocaleQuery):
    """Which page of a history, in which language."""


class PatientQuery(PageQuery):
    """Whose enrollments."""

    patient_ref = request_field(Text, longest=128, required=True, example="patient-17")


class PatientOut(Schema):
    """The patient of an enrollment."""

    ref = fields.String(required=True, attribute="patient_ref")
    locale = fields.String(required=True)
    time_zone = fields.String(required=True)


class EnrollmentOut(Schema):
    """One patient in one journey."""

    id = fields.String(required=True, attribute="stored.id")
    key = fields.String(required=True, attribute="stored.key")
    journey = fields.String(required=True, attribute="stored.journey")
    programme = fields.String(required=True, allow_none=True, attribute="stored.programme")
    patient = fields.Nested(PatientOut, required=True, attribute="stored")
    release = fields.String(required=True)
    created_at = Instant(required=True, attribute="stored.created_at")
    now = fields.Nested(Now, required=True)


class EnrollmentPage(Schema):
    """Enrollments, without content."""

    items = fields.List(fields.Nested(EnrollmentOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ContentOut(Schema):
    """The content of an enrollment."""

    items = fields.List(fields.Nested(PieceOut), required=True)
    locale = fields.String(required=True)


class HistoryPage(Schema):
    """Lines of a history: as they are stored for staff, in a patient's words for others."""

    items = fields.List(fields.Dict(), required=True)
    next = fields.String(required=True, allow_none=True)


class Explanation(Schema):
    """Why the enrollment is where it is, and why a piece is shown or not."""

    id = fields.String(required=True)
    state = fields.Dict(required=True, keys=fields.String(), values=fields.Nested(StateOut))
    steps = fields.List(fields.Dict(), required=True)
    content = fields.List(fields.Dict(), required=True)
