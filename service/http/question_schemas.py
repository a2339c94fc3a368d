"""Schemas of the questions of an enrollment, and of their answers."""

from __future__ import annotations

from marshmallow import Schema, fields

from service.http.event_schemas import Decision
from service.http.fields import Day, Facts, Text, When
from service.http.schema import ID, Request, answer_field, request_field
from service.http.state_schemas import Now
from service.http.view_schemas import QuestionOut, ViewOut


class QuestionsOut(Schema):
    """The questions of an enrollment."""

    enrollment = answer_field(fields.String, "The enrollment.")
    locale = answer_field(fields.String, "The locale served.")
    items = answer_field(fields.List, "The questions to ask now, the most useful first.", fields.Nested(QuestionOut))
    declined = answer_field(
        fields.List,
        "Questions that the patient would rather not answer, and may still.",
        fields.Nested(QuestionOut),
    )


class AnswerIn(Request):
    """An answer: either `facts`, with the survey that they answer as `question`, or `question` and `until`."""

    id = request_field(
        Text,
        longest=ID,
        required=True,
        description="The reporter's id of this answer. It never changes, and no event has it.",
        example="answer-7",
    )
    occurred_at = request_field(When, required=True, description="When it was said: a day, or a time with an offset.")
    facts = request_field(
        Facts,
        description='Facts by name. `{"declined": true}` is a fact that a person would rather not tell.',
        example={"smoking": "former"},
    )
    question = request_field(
        Text,
        longest=100,
        description="With `until`: the `key` of the question to ask later. With `facts`: the `key` of the survey "
        "that they answer; an answer to each of its fields is sent.",
        example="topics",
    )
    until = request_field(
        Day, description="The day from which to ask again, at most 366 days later.", example="2026-09-01"
    )


class ChangedCard(Schema):
    """A card that came, went or reads differently."""

    key = answer_field(fields.String, "The key of the piece.")
    title = answer_field(fields.String, "Its title.")


class ChangedCards(Schema):
    """What an answer changed among the cards."""

    came = answer_field(fields.List, "Cards that are new.", fields.Nested(ChangedCard))
    went = answer_field(fields.List, "Cards that are gone.", fields.Nested(ChangedCard))
    rewritten = answer_field(fields.List, "Cards that stayed, with another text.", fields.Nested(ChangedCard))


class ChangedDate(Schema):
    """A date to come that is new, or gone."""

    title = answer_field(fields.String, "In the patient's words.")
    date = answer_field(fields.Date, "The day.")
    kind = answer_field(fields.String, "As in `next`.", enum=("state", "reminder", "appointment"))


class MovedDateOut(Schema):
    """A date to come that moved."""

    title = answer_field(fields.String, "In the patient's words.")
    kind = answer_field(fields.String, "As in `next`.", enum=("state", "reminder", "appointment"))
    start = answer_field(fields.Date, "The day before.", data_key="from")
    end = answer_field(fields.Date, "The day now.", data_key="to")


class ChangedDates(Schema):
    """What an answer changed among the dates to come."""

    came = answer_field(fields.List, "Dates that are new.", fields.Nested(ChangedDate))
    went = answer_field(fields.List, "Dates that are gone.", fields.Nested(ChangedDate))
    moved = answer_field(fields.List, "Dates that moved.", fields.Nested(MovedDateOut))


class ThanksGiven(Schema):
    """What the patient gets for a survey."""

    survey = answer_field(fields.String, "The key of the survey.")
    text = answer_field(fields.String, "In the patient's words.")
    piece = answer_field(fields.String, "The key of the piece that is shown from now on.", allow_none=True)
    value = answer_field(fields.String, "The value of the programme that is told.", allow_none=True)


class Changed(Schema):
    """What an answer changed on the patient's screen, for a sentence such as: Because you told us this, you see …"""

    cards = fields.Nested(ChangedCards, required=True)
    dates = fields.Nested(ChangedDates, required=True)
    thanks = fields.List(
        fields.Nested(ThanksGiven), metadata={"description": "What is given for a survey that was finished, if any."}
    )


class AnswerDecision(Decision):
    """The decision on an answer, with what it changed. It never changes, in the language of the first request."""

    changed = fields.Nested(Changed, required=True)


class AnswerTaken(Schema):
    """The answer to an answer."""

    decision = fields.Nested(AnswerDecision, required=True)
    now = fields.Nested(Now, required=True)
    view = fields.Nested(ViewOut, metadata={"description": "The screen, with `include=view`."})
