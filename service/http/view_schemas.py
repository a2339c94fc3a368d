"""Schemas of the screen of a patient's app."""

from __future__ import annotations

from marshmallow import Schema, fields

from journeys.content.screen.questions import OFFERS
from journeys.definition.facts import FACT_KINDS
from journeys.definition.model import TOPIC_MARKS
from service.http.fields import LocaleTag
from service.http.schema import PRECISION, Happened, HappenedPrecision, Query, answer_field, request_field
from service.http.state_schemas import PieceOut


class ViewQuery(Query):
    """The language of the screen."""

    locale = request_field(LocaleTag, description="The language; the enrollment's by default.")


class WhereOut(Schema):
    """The current state of one track, for the patient."""

    title = answer_field(fields.String, "In the patient's words.")
    since = answer_field(Happened, "The beginning of the stay.", attribute="stay")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="stay")


class NextOut(Schema):
    """A date to come."""

    title = answer_field(fields.String, "In the patient's words.")
    date = answer_field(fields.Date, "The day.", attribute="day")
    kind = answer_field(
        fields.String,
        "`appointment`: a date from a fact; `state`: the state from then on; `reminder`: a message that will be sent.",
        enum=("state", "reminder", "appointment"),
    )


class PictureOut(Schema):
    """The picture of a piece."""

    url = answer_field(fields.String, "Its address; read it with the same token.")
    alt = answer_field(fields.String, "Its description in words.")


class ActionOut(Schema):
    """The button of a card."""

    label = answer_field(fields.String, "The text of the button.")
    kind = answer_field(
        fields.String,
        "`report`: show the form of `can_report` for `target`; `call`: a telephone number; `link`: an address.",
        enum=("report", "call", "link"),
    )
    target = answer_field(fields.String, "A type of `can_report`, a telephone number, or an https address.")


class ReviewedOut(Schema):
    """The review of a piece."""

    by = answer_field(fields.String, "The reviewer: a role or a name.")
    on = answer_field(fields.Date, "The day of the review.")


class CardOut(Schema):
    """One card."""

    key = answer_field(fields.String, "The key of the piece. It never changes.")
    version = answer_field(fields.Integer, "The number of its version.")
    title = answer_field(fields.String, "Its title.")
    summary = answer_field(fields.String, "Its summary.")
    image = answer_field(fields.Nested, "Its picture, if it has one.", PictureOut, allow_none=True)
    action = answer_field(fields.Nested, "Its button, if it has one.", ActionOut, allow_none=True)
    why = answer_field(fields.String, "Why it is shown, in the patient's words.")
    since = answer_field(Happened, "Since when it is shown.", attribute="stay")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="stay")
    seen = answer_field(fields.Boolean, "Whether it was reported as `seen` since then.", attribute="is_seen")
    reviewed = answer_field(fields.Nested, "Its review, if it has one.", ReviewedOut, allow_none=True)
    body = answer_field(fields.String, "The address of its body.")


class ChoiceOut(Schema):
    """A value to choose."""

    value = answer_field(fields.String, "The value to report.")
    label = answer_field(fields.String, "In the patient's words.")
    within = answer_field(fields.String, "The coarser value that it lies in.", allow_none=True)


class FieldOut(Schema):
    """A fact of a form. Parts that do not apply are null or an empty list."""

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
    group = answer_field(fields.String, "Facts of one group are reported together or not at all.", allow_none=True)


class ReportableOut(Schema):
    """An event that the patient can report now."""

    type = answer_field(fields.String, "The `type` of the event to report.")
    label = answer_field(fields.String, "In the patient's words.")
    fields_ = answer_field(
        fields.List, "The fields of its form.", fields.Nested(FieldOut), data_key="fields", attribute="fields"
    )


class SurveyOut(Schema):
    """What makes a question a survey."""

    purpose = answer_field(fields.String, "What is done with the answers.")
    thanks = answer_field(fields.String, "What people get for their answers.")


class QuestionOut(Schema):
    """A question, in the patient's words. Its answer is sent to the `answers` of the enrollment."""

    key = answer_field(fields.String, "The fact, the group of facts or the survey that it asks for. It never changes.")
    question = answer_field(fields.String, "The question.")
    why = answer_field(fields.String, "What the answer changes for the patient.", allow_none=True)
    help = answer_field(fields.String, "Help for an answer, such as where to look.", allow_none=True)
    sensitive = answer_field(fields.Boolean, "Whether to ask with care.", attribute="is_sensitive")
    fields_ = answer_field(
        fields.List, "The fields of its answer.", fields.Nested(FieldOut), data_key="fields", attribute="fields"
    )
    offers = answer_field(
        fields.List,
        "What to offer beside the question: `answer`; `decline`, to rather not say; `later`, to be "
        "asked on another day.",
        fields.String(metadata={"enum": list(OFFERS)}),
    )
    survey = fields.Nested(
        SurveyOut,
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a survey, else null. Its answers are sent with its key as `question`, for each field."
        },
    )


class ViewTopicOut(Schema):
    """A topic that the patient may ask for or decline, by an event with its `key` as `topic`."""

    key = answer_field(fields.String, "The key of the topic. It never changes.")
    title = answer_field(fields.String, "In the patient's words.")
    shown = answer_field(fields.Boolean, "Whether its pages are shown.", attribute="is_shown")
    on_request = answer_field(
        fields.Boolean, "Whether its pages are shown only after the patient asked for it.", attribute="is_on_request"
    )
    report = answer_field(fields.String, "The `type` of the event to offer.", enum=TOPIC_MARKS)


class ContactOut(Schema):
    """A contact."""

    title = answer_field(fields.String, "The role of the contact.")
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    hours = fields.String(allow_none=True)


class ViewEndedOut(Schema):
    """How the enrollment ended."""

    title = answer_field(fields.String, "In the patient's words.")
    at = answer_field(Happened, "When it ended.")
    precision = answer_field(HappenedPrecision, PRECISION, attribute="at")


class ViewOut(Schema):
    """All that a patient's app needs to draw its screen. It shows the told view only."""

    enrollment = answer_field(fields.String, "The enrollment.")
    journey = answer_field(fields.String, "The key of its journey.")
    title = answer_field(fields.String, "The journey's title.")
    locale = answer_field(fields.String, "The locale served.")
    where = answer_field(
        fields.Dict,
        "The current states by track, except those in which patients have nothing to read.",
        keys=fields.String(),
        values=fields.Nested(WhereOut),
    )
    next = answer_field(fields.List, "Dates to come, soonest first.", fields.Nested(NextOut))
    cards = answer_field(fields.List, "The cards to show, in order.", fields.Nested(CardOut))
    can_report = answer_field(fields.List, "The events that the patient can report now.", fields.Nested(ReportableOut))
    questions = answer_field(
        fields.List, "The questions to ask now, the most useful first.", fields.Nested(QuestionOut)
    )
    declined = answer_field(
        fields.List,
        "Questions that the patient would rather not answer, and may still.",
        fields.Nested(QuestionOut),
    )
    topics = answer_field(
        fields.List, "The topics that the patient may ask for or decline now.", fields.Nested(ViewTopicOut)
    )
    contacts = answer_field(
        fields.Dict,
        "The contacts `hospice`, `care_team`, `after_hours` and `emergency`, as far as the journey shows them.",
        keys=fields.String(),
        values=fields.Nested(ContactOut),
    )
    ended = answer_field(fields.Nested, "How the enrollment ended, if it did.", ViewEndedOut, allow_none=True)


class PieceBody(PieceOut):
    """One piece with its bodies: `html` to place below the title, and `text`."""

    image = answer_field(fields.Nested, "Its picture, if it has one.", PictureOut, allow_none=True)
    reviewed = answer_field(fields.Nested, "Its review, if it has one.", ReviewedOut, allow_none=True)
