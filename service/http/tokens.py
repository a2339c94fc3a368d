"""Routes of tokens: a token for one patient, created by the application that enrolls the patient."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields

from service.access.tokens import PatientTokenRequest
from service.enrollments import mint
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, json_object, loaded, service
from service.http.fields import Text, Whole
from service.http.schema import Request, Timestamp, dumper, request_field


class PatientTokenIn(Request):
    """A token for one patient."""

    patient_ref = request_field(
        Text, longest=128, required=True, description="Your reference for the patient.", example="patient-17"
    )
    journey = request_field(
        Text, longest=64, description="Limits the token to enrollments in this journey.", example="nsclc"
    )
    expires_in = request_field(
        Whole,
        60,
        366 * 86_400,
        unit=" seconds",
        required=True,
        description="Seconds until the token expires.",
        example=3600,
    )


class TokenOut(Schema):
    """A new token; its secret is shown only in this answer."""

    token = fields.String(required=True, attribute="text")
    id = fields.String(required=True, attribute="token.id")
    patient_ref = fields.String(required=True, attribute="token.patient_ref")
    expires_at = Timestamp(required=True, attribute="token.expires_at")


blueprint = Blueprint("tokens", __name__, url_prefix="/v1", description="Tokens of patients")

_REQUEST = PatientTokenIn()
_dump_token = dumper(TokenOut)


@blueprint.route("/patient-tokens", methods=["POST"])
@blueprint.takes(PatientTokenIn)
@blueprint.response(201, TokenOut)
def mint_for_patient() -> Response:
    """Create a token with which one patient reads the told view and reports.

    It is for the enrollments that your application made, as they are now; mint another after you enroll the patient
    again. With the scope `staff` or `mint:any` it is for all enrollments of the patient. It is revoked with your token.
    """
    values = loaded(_REQUEST, json_object())
    request = PatientTokenRequest(
        patient_ref=values["patient_ref"], journey=values.get("journey"), expires_in=values["expires_in"]
    )
    minted = mint.mint_for_patient(service(), caller(), request)
    return json_answer(_dump_token(minted), 201)
