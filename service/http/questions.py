"""Routes of the questions of an enrollment: those to ask now, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from journeys.definition.model import ANSWERED, LATER
from journeys.engine import Report
from journeys.primitives.errors import CallerError, Refused
from service.access.caller import Caller
from service.enrollments import questions, report
from service.enrollments.answers import CallerView
from service.enrollments.report import IncomingReport
from service.enrollments.requests import digest_of
from service.http import question_schemas as schemas
from service.http.blueprint import Blueprint
from service.http.conditional import conditional
from service.http.context import caller, content_options, if_match, json_answer, json_object, loaded, service
from service.http.event_schemas import ReportQuery
from service.http.events import answered
from service.http.incoming import event_id
from service.http.schema import dumper
from service.http.view_schemas import ViewQuery
from service.platform import errors

blueprint = Blueprint("questions", __name__, url_prefix="/v1", description="Questions to patients")

ONE_OF = "Send either 'facts', or 'question' and 'until' for a question to be asked later."

_ANSWER = schemas.AnswerIn()
_dump_questions = dumper(schemas.QuestionsOut)


@blueprint.route("/enrollments/<id:enrollment>/questions", methods=["GET"])
@blueprint.asks(ViewQuery)
@blueprint.response(200, schemas.QuestionsOut)
def read(query: Mapping[str, Any], enrollment: str) -> Response:
    """Read the questions to ask now. They are those of the screen, and follow the told view for every caller.

    Report each that was shown as an event `seen` with its `question`: a question rests after some showings, and few are
    shown in a week.
    """

    def draw() -> tuple[Response, CallerView | None]:
        answer = questions.read_questions(service(), caller(), enrollment, query.get("locale"))
        return json_answer(_dump_questions(answer), tag=answer.tag), answer.seen

    return conditional(enrollment, draw)


@blueprint.route("/enrollments/<id:enrollment>/answers", methods=["POST"])
@blueprint.takes(schemas.AnswerIn)
@blueprint.asks(ReportQuery)
@blueprint.response(200, schemas.AnswerTaken)
@blueprint.refuses(errors.Conflict, errors.Stale)
def answer(query: Mapping[str, Any], enrollment: str) -> Response:
    """Answer questions or a survey, decline to, or put it off.

    It is the event `answered` or `later`, and the decision says what it changed. Facts that nobody asked for are
    accepted. Facts of a group are sent together, and so are the answers to a survey, which the patient alone may answer
    while it comes. With If-Match it is applied only if the enrollment has not changed since it was read.
    """
    body = json_object()
    incoming = IncomingReport(
        enrollment=enrollment,
        id=event_id(body),
        digest=digest_of("answer", body),
        request=_report_of(body, caller()),
        if_match=if_match(),
        options=content_options(query),
        is_to_question=True,
    )
    return answered(report.report(service(), caller(), incoming))


def _report_of(body: Mapping[str, Any], caller: Caller) -> Report | CallerError:
    """The event that an answer reports, or the problem with the body."""
    try:
        values = loaded(_ANSWER, body)
    except CallerError as error:
        return error
    is_later = "until" in values or ("question" in values and "facts" not in values)
    if is_later == ("facts" in values):
        return Refused({"facts": [ONE_OF]})
    at, day = values["occurred_at"]
    return Report(
        id=values["id"],
        type=LATER if is_later else ANSWERED,
        reporter=caller.name,
        by=caller.by,
        at=at,
        day=day,
        facts=values.get("facts", {}),
        question=values.get("question"),
        until=values.get("until"),
    )
