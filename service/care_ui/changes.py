"""What a care team changes about a patient: reports, tellings among them, and retractions."""

from __future__ import annotations

from flask import Response, request

from journeys.primitives.errors import Refused
from service.care_ui.blueprint import blueprint, caller, to
from service.care_ui.forms import EnteredReport, entered_report
from service.care_ui.patients import LOCALE, RefusedForm, patient_page
from service.enrollments import report as reports
from service.enrollments.answers import ReportAnswer, count_report
from service.enrollments.content import ContentOptions
from service.enrollments.overview import Overview, read_overview
from service.enrollments.report import IncomingReport, IncomingRetraction
from service.enrollments.requests import digest_of
from service.enrollments.staff_reports import Correction
from service.http.context import service
from service.platform import errors
from service.platform.database.payload import unseal
from service.platform.problems import STATUS

NO_CONTENT = ContentOptions(content=False)
REASONS = ("entered_in_error", "wrong_patient")
SENT_BEFORE = "This form was sent before, filled in otherwise. What was sent first is in the timeline."
CHANGED = "Something has changed since you opened the page. Read what is new, then send the form again."


@blueprint.route("/enrollments/<id:enrollment>/reports", methods=["POST"])
def report(enrollment: str) -> Response:
    """Report an event, that news was told, or a corrected event; a form that is sent again changes nothing."""
    overview = read_overview(service(), caller(), enrollment, LOCALE)
    now = overview.at
    entered = entered_report(request.form, overview.facts)
    corrected = _corrected(overview, entered)
    incoming = IncomingReport(
        enrollment=enrollment,
        id=entered.id,
        digest=entered.digest,
        request=entered.report_by(caller(), now, now.astimezone(overview.stored.zone).date(), corrected),
        if_match=frozenset({entered.tag}),
        options=NO_CONTENT,
    )
    try:
        answer = reports.report(service(), caller(), incoming)
    except Refused as refused:
        return patient_page(enrollment, RefusedForm(request.form, refused.fields, STATUS[refused.code]))
    except errors.Conflict as conflict:
        return patient_page(enrollment, RefusedForm(problems={"form": [SENT_BEFORE]}, status=STATUS[conflict.code]))
    except errors.Stale as stale:
        return patient_page(enrollment, RefusedForm(request.form, {"form": [CHANGED]}, STATUS[stale.code]))
    count_report(answer)
    if entered.replaces is not None:
        return to("patient", enrollment=enrollment, said="corrected")
    is_telling = entered.type in {news.until for news in overview.held}
    return to("patient", enrollment=enrollment, said=_telling(answer, entered.type) if is_telling else _outcome(answer))


@blueprint.route("/enrollments/<id:enrollment>/retractions", methods=["POST"])
def retract(enrollment: str) -> Response:
    """Retract an event with a reason; a form that is sent again changes nothing."""
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        problem = {"reason": ["Choose why the event is retracted."]}
        return patient_page(enrollment, RefusedForm(request.form, problem, STATUS[Refused.code]))
    incoming = IncomingRetraction(
        enrollment=enrollment,
        event=request.form.get("event", ""),
        reason=reason,
        digest=digest_of("retraction", {"reason": reason}),
        options=NO_CONTENT,
    )
    answer = reports.retract(service(), caller(), incoming)
    count_report(answer)
    return to("patient", enrollment=enrollment, said="retracted")


def _corrected(overview: Overview, entered: EnteredReport) -> Correction | None:
    """The event that a form corrects, with the form; None of a form that corrects nothing, or that is sent again."""
    corrections = (entry.correction for entry in overview.timeline if entry.event == entered.replaces)
    return next((each for each in corrections if each is not None), None) if entered.replaces is not None else None


def _telling(answer: ReportAnswer, trigger: str) -> str:
    """A telling dated before the news tells nothing."""
    return "still_held" if trigger in {news.until for news in answer.now.held or ()} else "told"


def _outcome(answer: ReportAnswer) -> str:
    return str(unseal(answer.decision)["outcome"])
