"""The page on which a caregiver accepts an invitation with its code. Nobody signs in to it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from journeys.primitives.errors import Refused
from service.caregivers.accept import Introducing, accept_invitation
from service.caregivers.choices import choices_of
from service.http.caregivers import take_code
from service.http.context import service
from service.patient_pages.blueprint import blueprint, page
from service.patient_pages.shares import in_words
from service.platform import errors
from service.platform.problems import STATUS
from service.registration.blueprint import joining, language_names
from service.sign_in.blueprint import LANGUAGES, locale_of_request

LONGEST_CODE = 40


@blueprint.route("/caregiver")
def accept_page() -> Response:
    """Shows the form to name the code."""
    return _accept_page({})


@blueprint.route("/caregiver", methods=["POST"])
def accept() -> Response:
    """Accepts the invitation, and shows the key of the caregiver's app, which is stored nowhere."""
    code, zone = request.form.get("code", "").strip(), request.form.get("time-zone", "")
    language = request.form.get("language", "")
    if not code or len(code) > LONGEST_CODE:
        return _accept_page({"code": "problem_code"})
    if zone and zone not in joining().zones:
        return _accept_page({"time-zone": "problem_time_zone"})
    try:
        take_code()
        introducing = Introducing(
            language=language if language in LANGUAGES else locale_of_request(), time_zone=zone or None
        )
        accepted = accept_invitation(service(), code, introducing)
    except errors.CodesTooOften as refusal:
        response = _accept_page({"code": "problem_often"}, STATUS[refusal.code])
        response.headers["Retry-After"] = str(refusal.wait)
        return response
    except Refused:
        return _accept_page({"code": "problem_code"})
    choices = choices_of(service(), accepted.caregiver, locale_of_request())
    words = in_words(accepted.caregiver.grants, choices, zone or None)
    return page("accepted", key=accepted.minted.text, journey=choices.journey, words=words)


def _accept_page(problems: Mapping[str, str], status: int | None = None) -> Response:
    refused = STATUS[Refused.code] if problems else 200
    return page(
        "accept",
        status or refused,
        problems=problems,
        sent=request.form,
        languages=language_names(LANGUAGES),
        zones=joining().zones,
    )
