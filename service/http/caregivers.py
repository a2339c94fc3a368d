"""Routes of caregivers: invited, listed, changed and ended by the patient or staff; accepted by the caregiver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from flask import Response, current_app
from marshmallow import Schema, fields

from journeys.permission.caregivers import COURSE, REMINDED_OF, CaregiverGrants
from service.access.caller import Caller
from service.access.store.caregivers import Actor, ChangeKind, Evidence, Inviter
from service.caregivers.accept import Introducing, accept_invitation
from service.caregivers.change import change_caregiver, end_caregiver
from service.caregivers.invite import CaregiverRequest, invite_caregiver
from service.caregivers.listing import CaregiverStatus, ListedCaregiver, list_caregivers
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, json_object, loaded, service
from service.http.fields import LocaleTag, Moment, OneOf, Several, Text, Zone
from service.http.rates import EXTENSION as RATES
from service.http.rates import Rates
from service.http.schema import Nested, Query, Request, Timestamp, answer_field, dumper, request_field
from service.platform import errors

MOST_WORDS = 100
#: Whoever sends a code: all of them share one bucket of a patient's rate.
_ANYBODY = Caller(token="", name="codes", scopes=frozenset(), by="family", patient_ref="")  # nosec B106
TOO_MANY_CODES = "Too many codes were sent. Try again in {} s."
_SEES = f"The topics of the journey that the caregiver sees; `{COURSE}`: states, days to come, history, other pages."
_REMINDED = "The purposes of the messages that the caregiver gets, of what the caregiver sees."
_MAY = "What the caregiver may report: triggers of the family; `answered` for facts."
_UNTIL = "When it ends by itself; staff must say it."


class EvidenceIn(Request):
    """How staff know that the patient wants it."""

    method = request_field(Text, longest=100, required=True, description="How the patient said so.", example="paper")
    document = request_field(
        Text, longest=200, required=True, description="Where the document is kept.", example="file 17"
    )


class CaregiverIn(Request):
    """An invitation."""

    enrollment = request_field(
        Text, longest=64, description="The enrollment to see; a patient with only one may leave it out."
    )
    name = request_field(
        Text, longest=100, required=True, description="What the patient calls the caregiver.", example="my daughter"
    )
    sees = request_field(Several, Text(longest=64), most=MOST_WORDS, required=True, description=_SEES)
    reminded = request_field(Several, OneOf(*REMINDED_OF), most=len(REMINDED_OF), description=_REMINDED)
    may = request_field(Several, Text(longest=64), most=MOST_WORDS, description=_MAY)
    until = request_field(Moment, description=_UNTIL)
    evidence = Nested(EvidenceIn, "Of staff: how the patient said so.")


class CaregiverChangeIn(Request):
    """What is changed of a caregiver; what is left out stays."""

    name = request_field(Text, longest=100, description="What the patient calls the caregiver.")
    sees = request_field(Several, Text(longest=64), most=MOST_WORDS, description=_SEES)
    reminded = request_field(Several, OneOf(*REMINDED_OF), most=len(REMINDED_OF), description=_REMINDED)
    may = request_field(Several, Text(longest=64), most=MOST_WORDS, description=_MAY)
    until = request_field(Moment, allow_none=True, description=_UNTIL)
    evidence = Nested(EvidenceIn, "Of staff: how the patient said so.")


class AcceptIn(Request):
    """The acceptance of an invitation."""

    code = request_field(
        Text, longest=40, required=True, description="The code of the invitation.", example="0ABC-DEFG-HJKM-NPQR"
    )
    language = request_field(LocaleTag, required=True, description="The language of the caregiver's messages.")
    time_zone = request_field(Zone, description="Where the caregiver lives.", example="Europe/Madrid")


class CaregiversQuery(Query):
    """Whose caregivers."""

    enrollment = request_field(Text, longest=64, description="Only those of this enrollment; staff must name it.")


class EvidenceOut(Schema):
    """How staff know that the patient wants it."""

    method = fields.String(required=True)
    document = fields.String(required=True)


class CaregiverGrantsOut(Schema):
    """What a caregiver sees and may report."""

    sees = answer_field(fields.List, _SEES, fields.String())
    reminded = answer_field(fields.List, _REMINDED, fields.String())
    may = answer_field(fields.List, _MAY, fields.String())
    until = answer_field(Timestamp, "When it ends by itself, or null.", allow_none=True)


class CaregiverChangeOut(Schema):
    """What was done with a caregiver, and by whom."""

    kind = answer_field(fields.String, "What was done.", enum=get_args(ChangeKind))
    by = answer_field(fields.String, "By whom; `service`: it ended by itself.", enum=get_args(Actor))
    at = Timestamp(required=True)
    grants = answer_field(fields.Nested, "What the caregiver was granted from then on.", CaregiverGrantsOut)


class CaregiverOut(Schema):
    """A caregiver of the patient."""

    id = fields.String(required=True, attribute="caregiver.id")
    enrollment = fields.String(required=True, attribute="caregiver.enrollment")
    journey = fields.String(required=True)
    name = answer_field(fields.String, "What the inviter calls the caregiver.", attribute="caregiver.name")
    status = answer_field(
        fields.String,
        "`lapsed`: the code is not accepted any more, and nobody accepted it before.",
        enum=get_args(CaregiverStatus),
    )
    invited_by = answer_field(fields.String, "Who invited.", enum=get_args(Inviter), attribute="caregiver.invited_by")
    evidence = answer_field(
        fields.Nested, "That of staff; null where the patient invited.", EvidenceOut, allow_none=True,
        attribute="caregiver.evidence",
    )  # fmt: skip
    grants = answer_field(fields.Nested, "What the caregiver sees.", CaregiverGrantsOut, attribute="caregiver.grants")
    changes = answer_field(fields.List, "What was done, oldest first.", fields.Nested(CaregiverChangeOut))


class CaregiversOut(Schema):
    """The caregivers of a patient, in the order of their invitations."""

    items = fields.List(fields.Nested(CaregiverOut), required=True)


class InvitedOut(Schema):
    """An invited caregiver; the code is shown only in this answer."""

    id = fields.String(required=True, attribute="caregiver.id")
    enrollment = fields.String(required=True, attribute="caregiver.enrollment")
    code = answer_field(fields.String, "The code to hand over; it is accepted once.")
    useful_until = answer_field(Timestamp, "Until when it is accepted.")


class AcceptedOut(Schema):
    """The token of a caregiver; its secret is shown only in this answer."""

    token = fields.String(required=True, attribute="minted.text")
    caregiver = fields.String(required=True, attribute="caregiver.id")
    enrollment = fields.String(required=True, attribute="caregiver.enrollment")
    journey = fields.String(required=True, attribute="minted.token.journey")
    expires_at = answer_field(
        Timestamp, "Null: until it is ended.", allow_none=True, attribute="minted.token.expires_at"
    )


blueprint = Blueprint("caregivers", __name__, url_prefix="/v1", description="Caregivers of a patient")

_INVITATION = CaregiverIn()
_CHANGE = CaregiverChangeIn()
_ACCEPTANCE = AcceptIn()
_dump_change = dumper(CaregiverChangeOut)
_dump_invited = dumper(InvitedOut)
_dump_accepted = dumper(AcceptedOut)
_dump_evidence = dumper(EvidenceOut)
_SETS = ("sees", "reminded", "may")


@blueprint.route("/me/caregivers", methods=["POST"])
@blueprint.takes(CaregiverIn)
@blueprint.response(201, InvitedOut)
def invite() -> Response:
    """Invite a caregiver to see a part of what the patient sees.

    The answer has a code, which the patient hands over: it is accepted once, within seven days and five tries. Staff
    name the enrollment and an end, and say how the patient told them.
    """
    values = loaded(_INVITATION, json_object())
    grants = CaregiverGrants(**{name: frozenset(values.get(name, ())) for name in _SETS}, until=values.get("until"))
    request = CaregiverRequest(
        enrollment=values.get("enrollment"), name=values["name"], grants=grants, evidence=_evidence(values)
    )
    return json_answer(_dump_invited(invite_caregiver(service(), caller(), request)), 201)


@blueprint.route("/me/caregivers", methods=["GET"], endpoint="list")
@blueprint.asks(CaregiversQuery)
@blueprint.response(200, CaregiversOut)
def list_of_patient(query: Mapping[str, Any]) -> Response:
    """List the caregivers of the patient, ended ones too, and what was changed. A caregiver reads their own entry."""
    listed = list_caregivers(service(), caller(), query.get("enrollment"))
    return json_answer({"items": [_caregiver(each) for each in listed]})


@blueprint.route("/me/caregivers/<id:caregiver>", methods=["PATCH"])
@blueprint.takes(CaregiverChangeIn)
@blueprint.response(200, CaregiverOut)
@blueprint.refuses(errors.Conflict)
def change(caregiver: str) -> Response:
    """Change what a caregiver sees, gets and may report, from now on."""
    values = loaded(_CHANGE, json_object())
    changes = {name: frozenset(value) if name in _SETS else value for name, value in values.items()}
    changes.pop("evidence", None)
    return json_answer(_caregiver(change_caregiver(service(), caller(), caregiver, changes, _evidence(values))))


@blueprint.route("/me/caregivers/<id:caregiver>", methods=["DELETE"])
@blueprint.response(200, CaregiverOut)
def end(caregiver: str) -> Response:
    """End a caregiver: the token is unknown from the next request on, and nothing more is sent. A caregiver may too."""
    return json_answer(_caregiver(end_caregiver(service(), caller(), caregiver)))


@blueprint.route("/caregivers/accept", methods=["POST"])
@blueprint.takes(AcceptIn)
@blueprint.response(201, AcceptedOut)
def accept() -> Response:
    """Accept an invitation by its code, and get the token of a caregiver. It needs no token.

    Every code that is not accepted gets the same answer.
    """
    take_code()
    values = loaded(_ACCEPTANCE, json_object())
    introducing = Introducing(language=values["language"], time_zone=values.get("time_zone"))
    return json_answer(_dump_accepted(accept_invitation(service(), values["code"], introducing)), 201)


def take_code() -> None:
    """Counts a code that somebody sends, here or on a page.

    Raises:
        CodesTooOften: there are too many.
    """
    rates: Rates = current_app.extensions[RATES]
    try:
        rates.take(_ANYBODY, reads=False)
    except errors.TooOften as refusal:
        raise errors.CodesTooOften(refusal.wait, TOO_MANY_CODES.format(refusal.wait)) from None


def _evidence(values: Mapping[str, Any]) -> Evidence | None:
    return Evidence(**values["evidence"]) if "evidence" in values else None


def _caregiver(listed: ListedCaregiver) -> dict[str, Any]:
    caregiver = listed.caregiver
    return {
        "id": caregiver.id,
        "enrollment": caregiver.enrollment,
        "journey": listed.journey,
        "name": caregiver.name,
        "status": listed.status,
        "invited_by": caregiver.invited_by,
        "evidence": _dump_evidence(caregiver.evidence) if caregiver.evidence is not None else None,
        "grants": caregiver.grants.to_stored(),
        "changes": [_dump_change(change) | {"grants": change.grants.to_stored()} for change in listed.changes],
    }
