"""Routes of messages: what was sent to the patient of an enrollment and why something was not, and what they write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, json_object, loaded, service
from service.http.fields import Text
from service.http.pages import after_id, page_size
from service.http.schema import ID, PageQuery, Request, Timestamp, answer_field, dumper, request_field
from service.http.view_schemas import ContactOut
from service.outreach import say
from service.outreach.read import list_messages
from service.outreach.states import FINAL, SCHEDULED, SENDING, UNKNOWN
from service.platform import errors

MOST_WORDS = 4000


class AttemptOut(Schema):
    """An attempt to hand a message over."""

    channel = fields.String(required=True)
    at = Timestamp(required=True)
    result = answer_field(fields.String, "What became of it.")
    sequence = answer_field(fields.Integer, "Its place among all that the patient allowed, revoked and was sent.")


class MessageOut(Schema):
    """A message to the patient, or to a caregiver."""

    id = fields.String(required=True, attribute="message.id")
    piece = answer_field(fields.String, "The key of what it says.", attribute="message.piece")
    status = answer_field(
        fields.String, "Its state.", enum=(SCHEDULED, SENDING, UNKNOWN, *FINAL), attribute="message.status"
    )
    reason = answer_field(fields.String, "Why it waits or did not leave.", allow_none=True, attribute="message.reason")
    due = Timestamp(required=True, attribute="message.due")
    useful_until = Timestamp(required=True, attribute="message.useful_until")
    attempts = fields.List(fields.Nested(AttemptOut), required=True)
    caregiver = answer_field(
        fields.String, "The id of the caregiver to whom it goes; null: to the patient.", allow_none=True
    )


class MessagePage(Schema):
    """A page of messages."""

    items = fields.List(fields.Nested(MessageOut), required=True)
    next = fields.String(required=True, allow_none=True)


class WordsIn(Request):
    """What a patient or a caregiver writes to the care team."""

    id = request_field(
        Text, longest=ID, required=True, description="The app's id of it. It never changes.", example="words-1"
    )
    text = request_field(
        Text, longest=MOST_WORDS, required=True, description="The words.", example="I would like to talk with a nurse."
    )


class WordsTaken(Schema):
    """Words that the care team will read."""

    id = answer_field(fields.String, "The app's id of them.")
    received_at = Timestamp(required=True)
    read_by = answer_field(Timestamp, "When a person reads them at the latest; say so.")
    contacts = answer_field(
        fields.Dict, "Whom to call meanwhile, as in the view.", keys=fields.String(), values=fields.Nested(ContactOut)
    )


_dump_page = dumper(MessagePage)
_dump_taken = dumper(WordsTaken)
_WORDS = WordsIn()

blueprint = Blueprint("messages", __name__, url_prefix="/v1", description="Messages to patients")


@blueprint.route("/enrollments/<id:enrollment>/messages", methods=["GET"], endpoint="list")
@blueprint.asks(PageQuery)
@blueprint.response(200, MessagePage)
def list_of_enrollment(query: Mapping[str, Any], enrollment: str) -> Response:
    """List the messages of an enrollment, and why each left or did not. A caregiver reads those to them."""
    page = list_messages(service(), caller(), enrollment, after=after_id(query), count=page_size(query))
    return json_answer(_dump_page(page))


@blueprint.route("/enrollments/<id:enrollment>/messages", methods=["POST"], endpoint="say")
@blueprint.takes(WordsIn)
@blueprint.response(200, WordsTaken)
@blueprint.refuses(errors.Conflict)
def say_to_team(enrollment: str) -> Response:
    """Write to the care team. The words open a task that is due in a day; nothing answers them but a person.

    Patients, their apps and caregivers may. The same words with the same id are taken once.
    """
    values = loaded(_WORDS, json_object())
    words = say.WordsToTeam(id=values["id"], text=values["text"])
    return json_answer(_dump_taken(say.say(service(), caller(), enrollment, words)))
