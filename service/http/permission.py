"""Routes of what persons allowed: the ledger, new entries, and their receipts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from journeys.permission import Authorization
from journeys.permission.receipts import fhir_consent
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, json_object, loaded, service
from service.http.fields import Moment, OneOf, Text, Whole
from service.http.persons import PersonQuery
from service.http.schema import LocaleQuery, Nested, Request, Timestamp, answer_field, dumper, request_field
from service.outreach.permit import record_permission as record_spoken
from service.permission.record import SpokenEntry, find_entry, read_ledger
from service.permission.texts import list_consents
from service.publishing.approvals import NamedText

FHIR = "application/fhir+json"


class ConsentTextIn(Request):
    """The text to which a person agreed: an approved piece of the kind `consent`."""

    journey = request_field(Text, longest=64, required=True, example="nsclc")
    key = request_field(Text, longest=64, required=True, example="consent-to-messages")
    version = request_field(Whole, 1, 1_000_000, required=True, description="The version that the person saw.")
    locale = request_field(Text, longest=35, required=True, example="en")


class AuthorizationIn(Request):
    """The elements of a written authorization (45 CFR 164.508(c))."""

    information = request_field(Text, longest=1_000, required=True, description="The information that is used.")
    discloser = request_field(Text, longest=200, required=True, description="Who discloses it.")
    recipient = request_field(Text, longest=200, required=True, description="Who receives it.")
    purpose = request_field(Text, longest=1_000, required=True, description="What it is for.")
    expires = request_field(Text, longest=200, required=True, description="The date or event that ends it.")
    signed_by = request_field(Text, longest=200, required=True, description="The name as signed.")
    signed_on = request_field(Text, longest=10, required=True, description="The day of the signature.")
    right_to_revoke = request_field(
        Text, longest=1_000, required=True, description="The words that tell of the right to revoke."
    )


class PermissionIn(Request):
    """A grant or a revocation. Without a purpose, a channel or a topic it is for all of them."""

    kind = request_field(OneOf, "grant", "revoke", required=True)
    method = request_field(
        Text, longest=40, required=True, description="How the person said it: app, phone, paper …", example="app"
    )
    purpose = request_field(Text, longest=100, example="treatment")
    channel = request_field(Text, longest=40, example="email")
    topic = request_field(Text, longest=64, description="The key of a topic of the person's journeys.")
    text = Nested(ConsentTextIn, "The text to which the person agreed; every grant has one.")
    occurred_at = request_field(Moment, description="When the person said it; now by default.")
    until = request_field(Moment, description="The end of a grant; one for marketing has it.")
    evidence = request_field(Text, longest=200, description="Where staff keep the proof of a grant.")
    authorization = Nested(AuthorizationIn, "For a grant for marketing.")


class ConsentTextOut(Schema):
    """The text to which a person agreed."""

    key = fields.String(required=True)
    version_digest = answer_field(fields.String, "The digest of the version, in all languages.", attribute="version")
    digest = answer_field(fields.String, "The digest of the text that the person read, in one language.")
    locale = fields.String(required=True)


class PermissionOut(Schema):
    """An entry of the ledger: the receipt of a grant or a revocation."""

    id = fields.String(required=True, attribute="entry.id")
    kind = fields.String(required=True, attribute="entry.kind")
    by = fields.String(required=True, attribute="entry.by")
    method = fields.String(required=True, attribute="entry.method")
    purpose = answer_field(fields.String, "Null: all.", allow_none=True, attribute="entry.purpose")
    channel = answer_field(fields.String, "Null: all.", allow_none=True, attribute="entry.channel")
    topic = answer_field(fields.String, "Null: all.", allow_none=True, attribute="entry.topic")
    text = fields.Nested(ConsentTextOut, required=True, allow_none=True, attribute="entry.text")
    occurred_at = Timestamp(required=True, attribute="entry.occurred_at")
    recorded_at = Timestamp(required=True)
    until = Timestamp(required=True, allow_none=True, attribute="entry.until")
    sequence = answer_field(fields.Integer, "Its place among all that was allowed, revoked and sent.")


class PermissionReceiptOut(PermissionOut):
    """The receipt of an entry when it is recorded."""

    under_way = answer_field(
        fields.List,
        "The ids of the messages that were under way when the person revoked it; they may still arrive.",
        fields.String(),
    )


class PermissionPage(Schema):
    """The ledger of a person."""

    person = fields.String(required=True)
    entries = fields.List(fields.Nested(PermissionOut), required=True)


class GrantsOut(Schema):
    """What agreeing to a text allows."""

    purposes = fields.List(fields.String(), required=True)
    channels = answer_field(fields.List, "The channels; none for purposes without messages.", fields.String())


class ConsentOut(Schema):
    """A consent text as the patient reads it."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    locale = fields.String(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    html = fields.String(required=True)
    grants = fields.Nested(GrantsOut, required=True)


class ConsentList(Schema):
    """The consent texts of a journey."""

    items = fields.List(fields.Nested(ConsentOut), required=True)


class ConsentQuery(LocaleQuery):
    """Language and programme of consent texts."""

    programme = request_field(Text, longest=64, description="The programme; by default the first of the journey.")


class ReceiptQuery(PersonQuery):
    """The form of a receipt."""

    format = request_field(OneOf, "json", "fhir", description="`fhir` is a FHIR R4 Consent; `json` by default.")


blueprint = Blueprint("permission", __name__, url_prefix="/v1", description="What persons allowed")

_REQUEST = PermissionIn()
_dump_entry = dumper(PermissionOut)
_dump_page = dumper(PermissionPage)
_dump_consent = dumper(ConsentOut)


@blueprint.route("/me/permissions", methods=["GET"])
@blueprint.asks(PersonQuery)
@blueprint.response(200, PermissionPage)
def read_permissions(query: Mapping[str, Any]) -> Response:
    """List what the patient allowed and revoked, in the order of recording. Nothing is allowed by default."""
    return json_answer(_dump_page(read_ledger(service(), caller(), query.get("person"))))


@blueprint.route("/me/permissions", methods=["POST"])
@blueprint.asks(PersonQuery)
@blueprint.takes(PermissionIn)
@blueprint.response(201, PermissionReceiptOut)
def record_permission(query: Mapping[str, Any]) -> Response:
    """Record a grant or a revocation; the answer is its receipt.

    Of all entries that cover a message, the one that occurred last decides, and at one instant a revocation. Staff
    record what a person said, with where the proof of a grant is kept. A revocation also ends the messages that wait
    and may not go any more.
    """
    values = loaded(_REQUEST, json_object())
    text, authorization = values.get("text"), values.get("authorization")
    spoken = SpokenEntry(
        kind=values["kind"],
        method=values["method"],
        occurred_at=values.get("occurred_at"),
        purpose=values.get("purpose"),
        channel=values.get("channel"),
        topic=values.get("topic"),
        text=NamedText(text["journey"], text["key"], text["version"], text["locale"]) if text is not None else None,
        until=values.get("until"),
        evidence=values.get("evidence", ""),
        authorization=Authorization(**authorization) if authorization is not None else None,
    )
    receipt = record_spoken(service(), caller(), query.get("person"), spoken)
    return json_answer(_dump_entry(receipt.recorded) | {"under_way": receipt.under_way}, 201)


@blueprint.route("/me/permissions/<id:entry>", methods=["GET"])
@blueprint.asks(ReceiptQuery)
@blueprint.response(200, PermissionOut)
def read_receipt(query: Mapping[str, Any], entry: str) -> Response:
    """Read the receipt of a grant or a revocation, also as a FHIR R4 Consent."""
    person, recorded = find_entry(service(), caller(), query.get("person"), entry)
    if query.get("format") == "fhir":
        answer = json_answer(fhir_consent(recorded.entry, person))
        answer.mimetype = FHIR
        return answer
    return json_answer(_dump_entry(recorded))


@blueprint.route("/journeys/<id:journey>/consents", methods=["GET"])
@blueprint.asks(ConsentQuery)
@blueprint.response(200, ConsentList)
def read_consents(query: Mapping[str, Any], journey: str) -> Response:
    """List the approved consent texts of a journey: show them before you record a grant by one."""
    consents = list_consents(service(), journey, query.get("programme"), query.get("locale"))
    return json_answer({"items": [_dump_consent(consent) for consent in consents]})
