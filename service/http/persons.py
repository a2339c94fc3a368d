"""Routes of a person's own data: preferences and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from journeys.outreach.local_time import QuietHours
from journeys.outreach.preferences import Preferences
from journeys.outreach.verification import CODE_DIGITS
from journeys.primitives.errors import Refused
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, json_object, loaded, service
from service.http.fields import Digits, LocaleTag, Moment, OneOf, Several, Text, TimeOfDay, Zone
from service.http.schema import Nested, OfDay, Query, Request, Timestamp, answer_field, dumper, request_field
from service.outreach import preferences
from service.outreach.topics import MOST_TOPICS
from service.outreach.verify import confirm_code, request_code
from service.persons import own
from service.persons.addresses import CHANNELS
from service.platform import errors

EQUAL_ENDS = "Quiet hours begin and end at different times."


class PersonQuery(Query):
    """The person, for staff; a patient's token is that of its person."""

    person = request_field(
        Text, longest=64, description="For staff: the `person` of the patient of an enrollment. A patient needs none."
    )


class QuietHoursIn(Request):
    """Hours of the day in which nothing interrupts, over midnight where `end` is earlier than `start`."""

    start = request_field(TimeOfDay, required=True, example="21:00")
    end = request_field(TimeOfDay, required=True, example="08:00")


class PreferencesIn(Request):
    """All preferences. A preference that is left out ends; the language, the time zone and the topics stay."""

    language = request_field(LocaleTag, description="The language of messages.")
    time_zone = request_field(Zone, description="The time zone by which quiet hours are kept.", example="Europe/Madrid")
    channels = request_field(
        Several,
        OneOf(*CHANNELS),
        most=len(CHANNELS),
        description="The channels in the person's order, first the best.",
    )
    quiet = Nested(QuietHoursIn, "Hours without interruption, beside those of the programme.", allow_none=True)
    topics_off = request_field(
        Several,
        Text(longest=64),
        most=MOST_TOPICS,
        description="The keys of the topics to switch off; the others of `topics` are switched on.",
    )
    paused_until = request_field(Moment, allow_none=True, description="No message leaves before.")


class ContactIn(Request):
    """A new address, on the word of the token's holder."""

    channel = request_field(OneOf, *CHANNELS, required=True)
    address = request_field(
        fields.Raw,
        required=True,
        description="`email`, `sms`: a text; `push`: the browser's subscription; `post`: the lines of the address.",
    )


class CodeIn(Request):
    """The code that was sent to a contact."""

    code = request_field(Digits, CODE_DIGITS, required=True)


class CodeRequestOut(Schema):
    """That a code was asked for."""

    contact = fields.String(required=True)
    useful_until = answer_field(Timestamp, "It is not sent any more after this.")


class QuietHoursOut(Schema):
    """Hours of the day in which nothing interrupts."""

    start = OfDay(required=True)
    end = OfDay(required=True)


class OwnContactOut(Schema):
    """A contact, its address masked."""

    id = fields.String(required=True, attribute="contact.id")
    channel = fields.String(required=True, attribute="contact.channel")
    address = fields.String(required=True, attribute="masked")
    verified_by = fields.String(required=True, attribute="contact.verified_by")
    status = fields.String(required=True, attribute="contact.status")


class PreferencesOut(Schema):
    """A person's preferences and contacts."""

    person = fields.String(required=True, attribute="person.id")
    language = fields.String(required=True, attribute="person.language")
    language_from = answer_field(fields.String, "Who said it.", attribute="person.language_from")
    time_zone = answer_field(fields.String, "Null where nobody said it.", allow_none=True, attribute="person.time_zone")
    time_zone_from = answer_field(fields.String, "Who said it.", allow_none=True, attribute="person.time_zone_from")
    channels = fields.List(fields.String(), required=True, attribute="person.preferences.channels")
    quiet = fields.Nested(QuietHoursOut, required=True, allow_none=True, attribute="person.preferences.quiet")
    paused_until = Timestamp(required=True, allow_none=True, attribute="person.preferences.paused_until")
    contacts = fields.List(fields.Nested(OwnContactOut), required=True)


class TopicOut(Schema):
    """A topic of messages."""

    key = fields.String(required=True)
    name = answer_field(fields.String, "Its name in the language of the person.")
    on = answer_field(fields.Boolean, "False: the person switched it off.", attribute="is_on")


class PreferencesWithTopicsOut(PreferencesOut):
    """A person's preferences and contacts, and the topics of the person's journeys."""

    topics = fields.List(fields.Nested(TopicOut), required=True)


blueprint = Blueprint("persons", __name__, url_prefix="/v1", description="A person's own preferences and contacts")

_PREFERENCES = PreferencesIn()
_CONTACT = ContactIn()
_CODE = CodeIn()
_dump = dumper(PreferencesOut)
_dump_topic = dumper(TopicOut)
_dump_request = dumper(CodeRequestOut)


@blueprint.route("/me/preferences", methods=["GET"])
@blueprint.asks(PersonQuery)
@blueprint.response(200, PreferencesWithTopicsOut)
def read_preferences(query: Mapping[str, Any]) -> Response:
    """Read how the patient wants to be reached."""
    return _answer(preferences.read_preferences(service(), caller(), query.get("person")))


@blueprint.route("/me/preferences", methods=["PUT"])
@blueprint.asks(PersonQuery)
@blueprint.takes(PreferencesIn)
@blueprint.response(200, PreferencesWithTopicsOut)
def set_preferences(query: Mapping[str, Any]) -> Response:
    """Replace how the patient wants to be reached."""
    chosen = _chosen(loaded(_PREFERENCES, json_object()))
    return _answer(preferences.set_preferences(service(), caller(), query.get("person"), chosen))


@blueprint.route("/me/contacts", methods=["POST"])
@blueprint.asks(PersonQuery)
@blueprint.takes(ContactIn)
@blueprint.response(200, PreferencesOut)
def add_contact(query: Mapping[str, Any]) -> Response:
    """Add an address at which the patient can be reached. It permits no message: see `/v1/me/permissions`."""
    values = loaded(_CONTACT, json_object())
    added = own.add_contact(service(), caller(), query.get("person"), values["channel"], values["address"])
    return json_answer(_dump(added))


@blueprint.route("/me/contacts/<id:contact>", methods=["DELETE"])
@blueprint.asks(PersonQuery)
@blueprint.response(200, PreferencesOut)
def remove_contact(query: Mapping[str, Any], contact: str) -> Response:
    """Remove an address."""
    return json_answer(_dump(own.remove_contact(service(), caller(), query.get("person"), contact)))


@blueprint.route("/me/contacts/<id:contact>/verification", methods=["POST"])
@blueprint.response(202, CodeRequestOut)
@blueprint.refuses(errors.Conflict)
def request_code_for(contact: str) -> Response:
    """Ask for a code to an e-mail address or a mobile number of the patient's own, at most three an hour."""
    return json_answer(_dump_request(request_code(service(), caller(), contact)), 202)


@blueprint.route("/me/contacts/<id:contact>/verification/confirmation", methods=["POST"])
@blueprint.takes(CodeIn)
@blueprint.response(200, PreferencesOut)
def confirm_code_of(contact: str) -> Response:
    """Confirm an address by the code that was sent there, within ten minutes and five tries."""
    values = loaded(_CODE, json_object())
    return json_answer(_dump(confirm_code(service(), caller(), contact, values["code"])))


def _answer(answer: preferences.PreferencesWithTopics) -> Response:
    return json_answer(_dump(answer.own) | {"topics": [_dump_topic(topic) for topic in answer.topics]})


def _chosen(values: Mapping[str, Any]) -> preferences.ChosenPreferences:
    quiet = values.get("quiet")
    if quiet is not None and quiet["start"] == quiet["end"]:
        raise Refused({"quiet": [EQUAL_ENDS]})
    chosen = Preferences(
        channels=tuple(values.get("channels", ())),
        quiet=QuietHours(quiet["start"], quiet["end"]) if quiet is not None else None,
        paused_until=values.get("paused_until"),
    )
    return preferences.ChosenPreferences(
        preferences=chosen,
        topics_off=frozenset(values["topics_off"]) if "topics_off" in values else None,
        language=values.get("language"),
        time_zone=values.get("time_zone"),
    )
