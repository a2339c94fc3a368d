"""The questions of a signed-in patient, one at a time, and what an answer changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from flask import Response, request

from journeys.content.screen import QuestionCard
from journeys.definition.model import ANSWERED, LATER
from journeys.engine import Report
from journeys.primitives.errors import Refused
from service.enrollments.content import ContentOptions
from service.enrollments.questions import read_questions
from service.enrollments.report import IncomingReport, report
from service.enrollments.requests import digest_of
from service.http.context import service
from service.patient_pages.answers import (
    declined_facts,
    facts_of_form,
    missing_facts,
    problem_of_field,
    refused_facts,
)
from service.patient_pages.blueprint import blueprint, own_enrollments, page, texts, to
from service.platform.problems import STATUS
from service.sign_in.blueprint import locale_of_request, patient, patient_caller

SEEN = "seen"
#: After so long a question that was put off is asked again.
ASKED_AGAIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OfferedQuestion:
    """A question of one of the patient's enrollments, in the language of `locale`."""

    enrollment: str
    card: QuestionCard
    locale: str


@blueprint.route("/account/questions")
def questions_page() -> Response:
    """Shows the first open question; with `declined`, one that the patient would rather not answer, by its place."""
    open_questions, declined = _offered()
    place = request.args.get("declined", "")
    if place.isdecimal() and 1 <= int(place[:4]) <= len(declined):
        return _question_page(declined[int(place[:4]) - 1], [])
    if not open_questions:
        return page("no_question", declined=declined)
    _note_shown(open_questions[0])
    return _question_page(open_questions[0], declined)


@blueprint.route("/account/questions", methods=["POST"])
def answer() -> Response:
    """Reports the answer, and shows what it changed. The same form again has the same result."""
    form, go = request.form, request.form.get("go", "")
    if go == "later":
        until = service().clock().date() + ASKED_AGAIN
        return _answered_page(go, _report(LATER, {}, question=form.get("question", ""), until=until))
    facts = declined_facts(form) if go == "decline" else facts_of_form(form)
    missing = missing_facts(facts)
    if missing or not facts:
        return _problem_page(missing)
    try:
        return _answered_page(go, _report(ANSWERED, facts, question=form.get("survey")))
    except Refused as refused:
        wrong = refused_facts(refused.fields, facts)
        if not wrong and form.get("survey"):  # it was answered in another window
            return to("questions_page")
        if not wrong:
            raise
        return _problem_page(wrong)


def _offered() -> tuple[list[OfferedQuestion], list[OfferedQuestion]]:
    """The questions to ask now, the most useful first, and those that the patient declined."""
    open_questions, declined = [], []
    for enrollment in own_enrollments():
        read = read_questions(service(), patient_caller(), enrollment.id, patient().person.language)
        open_questions += [OfferedQuestion(enrollment.id, card, read.locale) for card in read.items]
        declined += [OfferedQuestion(enrollment.id, card, read.locale) for card in read.declined]
    return open_questions, declined


def _note_shown(question: OfferedQuestion) -> None:
    """Reports that the question was shown: it rests after some showings, and few are shown in a week."""
    today = service().clock().date().isoformat()
    name = f"page-seen-{question.card.key}-{today}"
    _send(question.enrollment, name, SEEN, {"question": question.card.key, "day": today}, question=question.card.key)


def _report(kind: str, facts: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    """Reports an answer, and returns the decision. Another answer in the same form is another event."""
    body = {"type": kind, "facts": facts, "question": request.form.get("question", "")}
    name = f"page-{request.form.get('form', '')[:40]}-{digest_of(kind, facts)[:12]}"
    return _send(request.form.get("enrollment", ""), name, kind, body, facts=facts, is_to_question=True, **more)


def _send(
    enrollment: str, name: str, kind: str, body: Mapping[str, Any], *, is_to_question: bool = False, **parts: Any
) -> Mapping[str, Any]:
    caller = patient_caller()
    incoming = IncomingReport(
        enrollment=enrollment,
        id=name,
        digest=digest_of("page", body),
        request=Report(id=name, type=kind, reporter=caller.name, by=caller.by, at=service().clock(), **parts),
        options=ContentOptions(patient().person.language, content=False),
        is_to_question=is_to_question,
    )
    decision: Mapping[str, Any] = json.loads(report(service(), caller, incoming).decision)
    return decision


def _question_page(
    question: OfferedQuestion, declined: Sequence[OfferedQuestion], problems: Sequence[str] = (), status: int = 200
) -> Response:
    return page(
        "question",
        status,
        enrollment=question.enrollment,
        card=question.card,
        declined=declined,
        locale_of_question=question.locale,
        form=service().new_id() if not problems else request.form.get("form", ""),
        sent=request.form,
        problems={name: problem_of_field(question.card, name) for name in problems},
    )


def _problem_page(problems: Sequence[str]) -> Response:
    """The form again, with what is wrong; the next question where this one is not open any more."""
    open_questions, declined = _offered()
    key = (request.form.get("enrollment", ""), request.form.get("question", ""))
    for question in (*open_questions, *declined):
        if (question.enrollment, question.card.key) == key and problems:
            return _question_page(question, [], problems, STATUS[Refused.code])
    return to("questions_page")


def _answered_page(go: str, decision: Mapping[str, Any]) -> Response:
    changed = decision.get("changed") or {}
    lines = _lines(changed)
    thanks = [" ".join(filter(None, (each["text"], each["value"]))) for each in changed.get("thanks", ())]
    kind = {"decline": "not_again", "later": "asked_later"}.get(go, "because" if lines else "unchanged")
    open_questions, _ = _offered()
    return page("answered", kind=kind, lines=lines, thanks=thanks, is_more=bool(open_questions))


def _lines(changed: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What an answer changed, by what happened to it: a key of the texts, and titles."""
    if not changed:
        return []
    cards, dates = changed["cards"], changed["dates"]
    lines = [
        ("came", [card["title"] for card in cards["came"]]),
        ("rewritten", [card["title"] for card in cards["rewritten"]]),
        ("went", [card["title"] for card in cards["went"]]),
        ("date_came", [f"{each['title']} ({_day(each['date'])})" for each in dates["came"]]),
        ("date_moved", [f"{each['title']} ({_day(each['from'])} → {_day(each['to'])})" for each in dates["moved"]]),
        ("date_went", [f"{each['title']} ({_day(each['date'])})" for each in dates["went"]]),
    ]
    return [(texts()[locale_of_request()][key], titles) for key, titles in lines if titles]


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "long", locale=locale_of_request())
