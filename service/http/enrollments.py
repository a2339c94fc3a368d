"""Routes of enrollments: enrolling, and reading an enrollment, its content, history and explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, url_for

from journeys.primitives.errors import CallerError, Refused
from service.enrollments import enroll, explain, facts, of_journey, read, sandbox, settings
from service.enrollments.answers import CallerView
from service.enrollments.content import ContentOptions
from service.enrollments.enroll import IncomingEnrollment
from service.enrollments.of_journey import JourneyListRequest
from service.enrollments.requests import EnrollRequest, digest_of
from service.http import enrollment_schemas as schemas
from service.http.blueprint import Blueprint
from service.http.conditional import conditional
from service.http.context import caller, content_options, if_match, json_answer, json_object, loaded, service
from service.http.fields import REQUIRED, is_text
from service.http.pages import after_enrolled, after_id, after_place, page_size
from service.http.schema import ID, LocaleQuery, PageQuery, dumper
from service.outreach.explain import ExplainedMessage, explain_messages
from service.platform import errors

blueprint = Blueprint("enrollments", __name__, url_prefix="/v1", description="Patients in journeys")


EITHER = "Send 'patient_ref' or 'journey', not both."
PATIENT_MISSING = f"{REQUIRED} Staff can send 'journey' instead."
JOURNEY_MISSING = f"{REQUIRED} 'state', 'since' and 'sandbox' are for the list of a journey."


@dataclass(frozen=True, slots=True)
class FullExplanation:
    """Why an enrollment is in its states and shows its pieces, and why each message left or did not."""

    states: explain.ExplanationAnswer
    messages: Sequence[ExplainedMessage]


_ENROLL = schemas.EnrollIn()
_SETTINGS = schemas.SettingsIn()
_CLOCK = schemas.ClockIn()
_dump_enrollment = dumper(schemas.EnrollmentOut)
_dump_page = dumper(schemas.EnrollmentPage)
_dump_content = dumper(schemas.ContentOut)
_dump_facts = dumper(schemas.FactsOut)
_dump_history = dumper(schemas.HistoryPage)
_dump_explanation = dumper(schemas.Explanation)


@blueprint.route("/enrollments", methods=["POST"], endpoint="enroll")
@blueprint.takes(schemas.EnrollIn)
@blueprint.response(201, schemas.EnrollmentOut)
@blueprint.refuses(errors.Conflict)
def enroll_patient() -> Response:
    """Enroll a patient.

    The same key, journey and patient return the same enrollment. Another body with them is a conflict. With `sandbox`
    the enrollment is of no patient, to build an app against; a reference is a patient's or a sandbox's, never both.
    """
    body = json_object()
    answer = enroll.enroll(
        service(),
        caller(),
        IncomingEnrollment(identity=_identity(body), digest=digest_of("enroll", body), request=_request(body)),
    )
    headers = {"Location": url_for("enrollments.read", enrollment=answer.id)}
    if answer.is_replay:
        headers["Idempotent-Replay"] = "true"
    return json_answer(_dump_enrollment(answer), 201, tag=answer.tag, headers=headers)


@blueprint.route("/enrollments", methods=["GET"])
@blueprint.asks(schemas.EnrollmentQuery)
@blueprint.response(200, schemas.EnrollmentPage)
def list_of_patient(query: Mapping[str, Any]) -> Response:
    """List the enrollments of a patient, or for staff those of a journey, without content.

    Those of a journey come in the order of enrolling. With `state` a page may have fewer items than `limit`; the list
    ends where `next` is null. A token without the scope staff gets 403 `forbidden` for `journey`; an unknown journey or
    state is answered with 422 `invalid`.
    """
    if "journey" in query:
        page = of_journey.list_enrollments_of_journey(service(), caller(), _journey_list(query))
    else:
        page = read.list_enrollments(
            service(), caller(), patient_ref=_patient_of_list(query), after=after_id(query), count=page_size(query)
        )
    return json_answer(_dump_page(page))


@blueprint.route("/me/enrollments", methods=["GET"])
@blueprint.asks(PageQuery)
@blueprint.response(200, schemas.EnrollmentPage)
def list_own(query: Mapping[str, Any]) -> Response:
    """List the enrollments of the token's patient."""
    page = read.list_enrollments(
        service(), caller(), patient_ref=caller().patient_ref or "", after=after_id(query), count=page_size(query)
    )
    return json_answer(_dump_page(page))


@blueprint.route("/enrollments/<id:enrollment>", methods=["GET"], endpoint="read")
@blueprint.asks(schemas.AskedQuery)
@blueprint.response(200, schemas.EnrollmentOut)
def read_enrollment(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read an enrollment as it is now."""

    def draw() -> tuple[Response, CallerView | None]:
        answer = read.read_enrollment(service(), caller(), enrollment, content_options(query))
        return json_answer(_dump_enrollment(answer), tag=answer.tag), answer.seen

    return conditional(enrollment, draw)


@blueprint.route("/enrollments/<id:enrollment>", methods=["PATCH"], endpoint="change")
@blueprint.takes(schemas.SettingsIn)
@blueprint.response(200, schemas.EnrollmentOut)
@blueprint.refuses(errors.Stale)
def change_enrollment(enrollment: str) -> Response:
    """Change the language, the time zone or the programme of an enrollment.

    They count from now on, and the history has a line `settings` for staff. The language and the time zone become those
    of the person too, unless the person has set others. With If-Match nothing changes if the enrollment has changed
    since it was read.
    """
    chosen = settings.ChosenSettings(**loaded(_SETTINGS, json_object()))
    answer = settings.change_settings(service(), caller(), enrollment, chosen, if_match())
    return json_answer(_dump_enrollment(answer), tag=answer.tag)


@blueprint.route("/enrollments/<id:enrollment>", methods=["DELETE"], endpoint="delete")
@blueprint.response(200, schemas.DeletedOut)
@blueprint.refuses(errors.Conflict)
def delete_sandbox(enrollment: str) -> Response:
    """Delete a sandbox with everything in it. An enrollment of a patient is not deleted: 409 `conflict`."""
    sandbox.delete_sandbox(service(), caller(), enrollment)
    return json_answer({"id": enrollment, "deleted": True})


@blueprint.route("/enrollments/<id:enrollment>/clock", methods=["POST"])
@blueprint.takes(schemas.ClockIn)
@blueprint.response(200, schemas.EnrollmentOut)
@blueprint.refuses(errors.Conflict)
def move_clock(enrollment: str) -> Response:
    """Move the clock of a sandbox forward.

    Nothing else moves it, and every timer fires at its own deadline. It can be moved ten years in all. An enrollment of
    a patient has no clock: 409 `conflict`.
    """
    move = sandbox.ClockMove(**loaded(_CLOCK, json_object()))
    answer = sandbox.move_clock(service(), caller(), enrollment, move)
    return json_answer(_dump_enrollment(answer), tag=answer.tag)


@blueprint.route("/enrollments/<id:enrollment>/content", methods=["GET"])
@blueprint.asks(schemas.AskedQuery)
@blueprint.response(200, schemas.ContentOut)
def read_content(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read the content that is relevant now; bodies are HTML by default."""
    options = content_options({"format": "html"} | dict(query))

    def draw() -> tuple[Response, CallerView]:
        answer = read.read_content(service(), caller(), enrollment, options)
        return json_answer(_dump_content(answer), tag=answer.tag), answer.seen

    return conditional(enrollment, draw)


@blueprint.route("/enrollments/<id:enrollment>/facts", methods=["GET"])
@blueprint.asks(LocaleQuery)
@blueprint.response(200, schemas.FactsOut)
def read_facts(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read the facts that are known, each with its reporter type and its time.

    Staff read the true facts, others those of the told view. A fact that nobody has told is left out; the value of a
    fact that somebody declined to tell is `{"declined": true}`.
    """

    def draw() -> tuple[Response, CallerView]:
        answer = facts.read_facts(service(), caller(), enrollment, query.get("locale"))
        return json_answer(_dump_facts(answer), tag=answer.tag), answer.seen

    return conditional(enrollment, draw)


@blueprint.route("/enrollments/<id:enrollment>/history", methods=["GET"])
@blueprint.asks(schemas.HistoryQuery)
@blueprint.response(200, schemas.HistoryPage)
def read_history(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read the history, line by line."""
    page = read.read_history(
        service(),
        caller(),
        enrollment,
        locale=query.get("locale"),
        after=after_place(query),
        count=page_size(query),
    )
    return json_answer(_dump_history(page))


@blueprint.route("/enrollments/<id:enrollment>/explain", methods=["GET"])
@blueprint.asks(schemas.HistoryQuery)
@blueprint.response(200, schemas.Explanation)
def read_explanation(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read an explanation: the events, the conditions with the values they saw, and why pieces are shown or not.

    `steps` are a page, the first steps first; `state`, `content` and `messages` are in every page. A message has a
    sentence that says why it left, waits or did not leave.
    """
    _, steps_before = after_place(query)
    explanation = explain.read_explanation(
        service(),
        caller(),
        enrollment,
        ContentOptions(query.get("locale")),
        after=max(steps_before, 0),
        count=page_size(query),
    )
    messages = explain_messages(service(), caller(), enrollment)
    return json_answer(_dump_explanation(FullExplanation(explanation, messages)))


def _patient_of_list(query: Mapping[str, Any]) -> str:
    """The patient whose enrollments are listed.

    Raises:
        Refused: the query names no patient, or has a parameter of the list of a journey.
    """
    if not query.keys().isdisjoint({"state", "since", "sandbox"}):
        raise Refused({"journey": [JOURNEY_MISSING]})
    if "patient_ref" not in query:
        raise Refused({"patient_ref": [PATIENT_MISSING]})
    return str(query["patient_ref"])


def _journey_list(query: Mapping[str, Any]) -> JourneyListRequest:
    """The requested list of a journey's enrollments.

    Raises:
        Refused: the query names a patient too, or has the cursor of another list.
    """
    if "patient_ref" in query:
        raise Refused({"patient_ref": [EITHER]})
    return JourneyListRequest(
        journey=query["journey"],
        state=query.get("state"),
        after=after_enrolled(query),
        count=page_size(query),
        sandbox=query.get("sandbox") == "true",
    )


def _identity(body: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """The journey, patient ref and key by which a replay is recognised, or None where they cannot be read."""
    patient = body.get("patient")
    ref = patient.get("ref") if isinstance(patient, dict) else None
    journey, key = body.get("journey"), body.get("key")
    if is_text(journey, 64) and is_text(ref, 128) and is_text(key, ID):
        return str(journey), str(ref), str(key)
    return None


def _request(body: Mapping[str, Any]) -> EnrollRequest | CallerError:
    try:
        values = loaded(_ENROLL, body)
    except Refused as error:
        return error
    joining = values.get("at", {})
    at, day = joining.get("occurred_at", (None, False))
    return EnrollRequest(
        key=values["key"],
        journey=values["journey"],
        patient_ref=values["patient"]["ref"],
        locale=values["patient"]["locale"],
        time_zone=values["patient"]["time_zone"],
        programme=values.get("programme"),
        facts=values.get("facts", {}),
        entry=joining.get("entry"),
        at=at,
        day=day,
        sandbox=values.get("sandbox", False),
    )
