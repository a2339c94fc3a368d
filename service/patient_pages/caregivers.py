"""The caregivers of a signed-in patient: all of them, an invitation with a code, and an end with one act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from flask import Response, request

from journeys.permission.caregivers import CaregiverGrants
from journeys.primitives.errors import Refused
from service.caregivers.change import end_caregiver
from service.caregivers.choices import ShareChoices, list_choices
from service.caregivers.invite import CaregiverRequest, invite_caregiver
from service.caregivers.listing import ListedCaregiver, list_caregivers
from service.http.context import service
from service.patient_pages.blueprint import blueprint, page, to
from service.patient_pages.shares import SharedWords, in_words, titles_offered
from service.platform import errors
from service.platform.problems import STATUS
from service.platform.time_zones import zone_of
from service.sign_in.blueprint import patient, patient_caller

LONGEST_NAME = 100
SETS = ("sees", "reminded", "may")


@blueprint.route("/account/caregivers")
def caregivers_page() -> Response:
    """Shows all caregivers with what each sees, gets and may tell, and until when."""
    choices = _choices()
    titles = {each.enrollment: each for each in choices}
    caregivers = list_caregivers(service(), patient_caller(), None)
    return page(
        "caregivers",
        caregivers=[each for each in caregivers if each.status != "ended"],
        ended=[each for each in caregivers if each.status == "ended"],
        words={each.caregiver.id: _shared(each, titles) for each in caregivers},
        choices=choices,
        journeys={enrollment: each.journey for enrollment, each in titles.items()},
        is_ended=request.args.get("done") == "ended",
    )


@blueprint.route("/account/caregivers/invite/<int:place>")
def invite_page(place: int) -> Response:
    """Shows the form of an invitation; `place` is that of the enrollment among the patient's, from 1 on."""
    return _invite_page(_chosen(place), place)


@blueprint.route("/account/caregivers/invite/<int:place>", methods=["POST"])
def invite(place: int) -> Response:
    """Invites a caregiver, and shows the code, which is stored nowhere."""
    choices, form = _chosen(place), request.form
    name, sees = form.get("name", "").strip(), form.getlist("sees")
    problems = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        problems["name"] = "problem_name"
    if not sees:
        problems["sees"] = "problem_sees"
    until = None
    try:
        until = _end_of_day(form.get("until", "").strip())
    except (ValueError, OverflowError):
        problems["until"] = "problem_until"
    if problems:
        return _invite_page(choices, place, problems)
    grants = CaregiverGrants(**{each: frozenset(form.getlist(each)) for each in SETS}, until=until)
    invitation = CaregiverRequest(enrollment=choices.enrollment, name=name, grants=grants)
    try:
        invited = invite_caregiver(service(), patient_caller(), invitation)
    except errors.TooMany:
        return _invite_page(choices, place, {"name": "problem_full"})
    except Refused as refused:
        return _invite_page(choices, place, {each: f"problem_{each}" for each in refused.fields})
    return page(
        "invited", invited=invited, words=in_words(grants, choices, patient().person.time_zone), host=request.host
    )


@blueprint.route("/account/caregivers/end", methods=["POST"])
def end() -> Response:
    """Ends a caregiver, at once and everywhere."""
    end_caregiver(service(), patient_caller(), request.form.get("caregiver", ""))
    return to("caregivers_page", done="ended")


def _shared(listed: ListedCaregiver, choices: Mapping[str, ShareChoices]) -> SharedWords:
    caregiver = listed.caregiver
    return in_words(caregiver.grants, choices[caregiver.enrollment], patient().person.time_zone)


def _choices() -> list[ShareChoices]:
    return list_choices(service(), patient_caller(), patient().person.language)


def _chosen(place: int) -> ShareChoices:
    """The enrollment at a place.

    Raises:
        NotFound: the patient has fewer.
    """
    choices = _choices()
    if not 1 <= place <= len(choices):
        raise errors.NotFound
    return choices[place - 1]


def _invite_page(choices: ShareChoices, place: int, problems: Mapping[str, str] | None = None) -> Response:
    return page(
        "invite",
        STATUS[Refused.code] if problems else 200,
        choices=choices,
        place=place,
        problems=problems or {},
        sent=request.form,
        options=titles_offered(choices),
    )


def _end_of_day(text: str) -> datetime | None:
    """The end of a day by the patient's clock, UTC; None where no day was written."""
    if not text:
        return None
    name = patient().person.time_zone
    zone = zone_of(name) if name is not None else UTC
    return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), zone).astimezone(UTC)
