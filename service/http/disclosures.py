"""The route of the accounting of disclosures about a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from flask import Response
from marshmallow import Schema, fields

from service.feed.disclosures import DisclosureKind, account_disclosures
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, service
from service.http.fields import Moment
from service.http.pages import after_place, page_size
from service.http.persons import PersonQuery
from service.http.schema import PageQuery, Timestamp, answer_field, dumper, request_field


class DisclosureQuery(PersonQuery, PageQuery):
    """Which page, of whom, and from when on."""

    since = request_field(Moment, description="Only what left at this time or later.")


class DisclosureOut(Schema):
    """Something that left about the patient."""

    at = Timestamp(required=True)
    kind = answer_field(
        fields.String,
        "`shown`: in an app, for the first time during a stay in a state; `sent`: a message that may have arrived; "
        "`delivered`: an event that another system may have received.",
        enum=get_args(DisclosureKind),
    )
    channel = answer_field(fields.String, "By which channel, or in which form.")
    recipient = answer_field(
        fields.String,
        "The masked address; `app`: an app of the patient; `caregiver`: that of a caregiver; `removed`: a former "
        "address; or the name of the other system.",
    )
    caregiver = answer_field(
        fields.String, "The id of the caregiver who received it; null where it was nobody of them.", allow_none=True
    )
    journey = answer_field(fields.String, "The journey; null of an event that is not stored any more.", allow_none=True)
    piece = answer_field(fields.String, "What left: the key of the piece; null of an event.", allow_none=True)
    version = answer_field(fields.Integer, "The number of its version; null where it is not recorded.", allow_none=True)
    locale = answer_field(fields.String, "Its language; null where it is not recorded.", allow_none=True)
    event = answer_field(fields.String, "What left: the kind of the event; null of a piece.", allow_none=True)
    purpose = answer_field(fields.String, "Why: the purpose of the piece, or `share:<recipient>`.", allow_none=True)


class DisclosurePageOut(Schema):
    """A page of what left about a patient, oldest first."""

    person = fields.String(required=True)
    items = fields.List(fields.Nested(DisclosureOut), required=True, attribute="page.items")
    next = fields.String(required=True, allow_none=True, attribute="page.next")


blueprint = Blueprint("disclosures", __name__, url_prefix="/v1", description="What left about a person")
_dump_page = dumper(DisclosurePageOut)


@blueprint.route("/me/disclosures", methods=["GET"], endpoint="list")
@blueprint.asks(DisclosureQuery)
@blueprint.response(200, DisclosurePageOut)
def list_of_person(query: Mapping[str, Any]) -> Response:
    """List what left about the patient, when, to whom and why, oldest first."""
    _, position = after_place(query)
    page = account_disclosures(
        service(),
        caller(),
        query.get("person"),
        since=query.get("since"),
        after=max(position, 0),
        count=page_size(query),
    )
    return json_answer(_dump_page(page))
