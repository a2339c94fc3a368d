"""Routes of tokens: one for one patient, minted by who enrolls them."""

from __future__ import annotations

from flask import Response

from journeys.primitives.canonical import time_text
from service.access import tokens
from service.access.tokens import PatientTokenRequest
from service.http import schemas
from service.http.blueprint import Blueprint
from service.http.context import json_answer, json_object, loaded, service

blueprint = Blueprint("tokens", __name__, url_prefix="/v1", description="Tokens of patients")

_REQUEST = schemas.PatientTokenIn()


@blueprint.route("/patient-tokens", methods=["POST"])
@blueprint.takes(schemas.PatientTokenIn)
@blueprint.response(201, schemas.TokenOut)
def mint_for_patient() -> Response:
    """Mint a token with which one patient reads what they were told, and reports."""
    values = loaded(_REQUEST, json_object())
    request = PatientTokenRequest(
        patient_ref=values["patient_ref"], journey=values.get("journey"), expires_in=values["expires_in"]
    )
    minted = tokens.mint_patient_token(service(), request)
    assert minted.token.expires_at is not None
    answer = {
        "token": minted.text,
        "id": minted.token.id,
        "patient_ref": request.patient_ref,
        "expires_at": time_text(minted.token.expires_at),
    }
    return json_answer(answer, 201)
