"""Schemas of the screen of a patient's app."""

from __future__ import annotations

from marshmallow import Schema, fields

from journeys.definition.facts import FACT_KINDS
from service.http.fields import LocaleTag
from service.http.schema import Query, Since, answer_field, request_field
from service.http.state_schemas import PieceOut


class ViewQuery(Query):
    """In which language the screen is wanted."""

    locale = request_field(LocaleTag, description="The language wanted; the enrollment's unless given.")


class WhereOut(Schema):
    """Where the patient is in one track."""

    title = answer_field(fields.String, "In the patient's words.")
    since = answer_field(Since, "A day, `2026-01-15`, or a time, `2026-01-15T10:00:00Z`.", attribute="stay")


class NextOut(Schema):
    """Something ahead."""

    title = answer_field(fields.String, "In the patient's words.")
    date = answer_field(fields.Date, "The day.", attribute="day")
    kind = answer_field(
        fields.String,
        "`appointment`: a date that was told; `state`: where the patient is from then on; `reminder`: what is sent.",
        enum=("state", "reminder", "appointment"),
    )


class PictureOut(Schema):
    """The picture of a piece."""

    url = answer_field(fields.String, "Where it is; read it with the same token.")
    alt = answer_field(fields.String, "What it shows, in words.")


class ActionOut(Schema):
    """What a card lets the patient do."""

    label = answer_field(fields.String, "What stands on the button.")
    kind = answer_field(
        fields.String,
        "`report`: show the form of `can_report` for `target`; `call`: a telephone number; `link`: an address.",
        enum=("report", "call", "link"),
    )
    target = answer_field(fields.String, "A type of `can_report`, a telephone number, or an https address.")


class ReviewedOut(Schema):
    """Who reviewed a piece."""

    by = answer_field(fields.String, "Who.")
    on = answer_field(fields.Date, "On which day.")


class CardOut(Schema):
    """One card."""

    key = answer_field(fields.String, "Names the piece, for ever.")
    version = answer_field(fields.Integer, "Which version of it.")
    title = answer_field(fields.String, "Its title.")
    summary = answer_field(fields.String, "Its summary.")
    image = answer_field(fields.Nested, "Its picture, if it has one.", PictureOut, allow_none=True)
    action = answer_field(fields.Nested, "What it lets the patient do, if anything.", ActionOut, allow_none=True)
    why = answer_field(fields.String, "Why it is shown, in the patient's words.")
    since = answer_field(Since, "Since when it is shown: a day or a time.", attribute="stay")
    seen = answer_field(fields.Boolean, "Whether it was reported as `seen` since then.", attribute="is_seen")
    reviewed = answer_field(fields.Nested, "Who reviewed it, if anybody did.", ReviewedOut, allow_none=True)
    body = answer_field(fields.String, "The address of its body.")


class ChoiceOut(Schema):
    """A value to choose."""

    value = answer_field(fields.String, "What to report.")
    label = answer_field(fields.String, "In the patient's words.")
    within = answer_field(fields.String, "The coarser value that it lies in.", allow_none=True)


class FieldOut(Schema):
    """A fact to ask for. What it has no use for is null, or an empty list."""

    name = answer_field(fields.String, "Its name among the `facts` of the event.")
    label = answer_field(fields.String, "In the patient's words.")
    type = answer_field(
        fields.String,
        "`boolean`: true or false; `choice`: one of `choices`; `set`: a list of some of them; `integer`: from `min` to "
        "`max`; `date`: a text such as 2026-01-15; `text`: of at most `max_length` characters. Any may be declined: "
        '`{"declined": true}`.',
        enum=FACT_KINDS,
        attribute="kind",
    )
    required = answer_field(fields.Boolean, "Whether the event waits without it.")
    choices = answer_field(fields.List, "The values of a choice or set.", fields.Nested(ChoiceOut))
    min = answer_field(fields.Integer, "The least number.", allow_none=True, attribute="minimum")
    max = answer_field(fields.Integer, "The greatest number.", allow_none=True, attribute="maximum")
    max_length = answer_field(fields.Integer, "The most characters.", allow_none=True)
    group = answer_field(fields.String, "Facts of one group are told together or not at all.", allow_none=True)


class ReportableOut(Schema):
    """What may be reported from here by the patient."""

    type = answer_field(fields.String, "The `type` of the event to report.")
    label = answer_field(fields.String, "In the patient's words.")
    fields_ = answer_field(
        fields.List, "What to ask for.", fields.Nested(FieldOut), data_key="fields", attribute="fields"
    )


class ContactOut(Schema):
    """Whom to reach."""

    title = answer_field(fields.String, "Who that is.")
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    hours = fields.String(allow_none=True)


class ViewEndedOut(Schema):
    """How the enrollment ended."""

    title = answer_field(fields.String, "In the patient's words.")
    at = answer_field(fields.String, "When: a day or an instant.")


class ViewOut(Schema):
    """All that a patient's app needs to draw its screen; never anything that the patient was not told."""

    enrollment = answer_field(fields.String, "The enrollment.")
    journey = answer_field(fields.String, "The key of its journey.")
    title = answer_field(fields.String, "The journey's title.")
    locale = answer_field(fields.String, "The locale served.")
    where = answer_field(
        fields.Dict, "Where the patient is, by track.", keys=fields.String(), values=fields.Nested(WhereOut)
    )
    next = answer_field(fields.List, "What is ahead, soonest first.", fields.Nested(NextOut))
    cards = answer_field(fields.List, "What to read now, in order.", fields.Nested(CardOut))
    can_report = answer_field(fields.List, "What may be reported from here.", fields.Nested(ReportableOut))
    contacts = answer_field(
        fields.Dict,
        "Whom to reach: `care_team` and `emergency`, as far as the programme has them.",
        keys=fields.String(),
        values=fields.Nested(ContactOut),
    )
    ended = answer_field(fields.Nested, "How the enrollment ended, if it did.", ViewEndedOut, allow_none=True)


class PieceBody(PieceOut):
    """One piece, whole: `html` to put under the title, and `text`."""

    image = answer_field(fields.Nested, "Its picture, if it has one.", PictureOut, allow_none=True)
    reviewed = answer_field(fields.Nested, "Who reviewed it, if anybody did.", ReviewedOut, allow_none=True)
