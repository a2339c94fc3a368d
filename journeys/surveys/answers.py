"""The answers to a survey: checked whole, and told apart into facts of the journey and what is measured. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED, Value
from journeys.definition.surveys import Survey
from journeys.engine import Report, State
from journeys.primitives.errors import Refused
from journeys.primitives.problems import did_you_mean
from journeys.surveys.coming import open_surveys

NOT_OPEN = "No survey of this name can be answered now. Accepted: {}. Leave this field out of other answers."
FROM_PATIENT = "A survey may be answered by patient, not by {}."


@dataclass(frozen=True, slots=True)
class SurveyAnswers:
    """Answers to a survey: the report, which brings the facts alone, and the values of its own questions by name.

    A question that was declined is not measured.
    """

    report: Report
    survey: str
    measured: Mapping[str, Value] = field(default_factory=dict)


def read_answers(plan: ReleasePlan, view: State | None, report: Report, now: datetime) -> SurveyAnswers:
    """The answers of a report that names a survey.

    Where all are declined, so is the survey, and no fact is: what was told before stays.

    Args:
        plan: the release in force.
        view: the told view; None where the enrollment was retracted.
        report: answers, with the survey as their question.
        now: the instant.

    Raises:
        Refused: somebody else than the patient answers, the survey cannot be answered now, only part of it is
            answered, or the answer to a question of its own is not accepted. The error lists each.
    """
    if report.by != "patient":
        raise Refused({"question": [FROM_PATIENT.format(report.by)]})
    accepted = open_surveys(plan, view, now) if view is not None else ()
    if report.question not in accepted:
        raise Refused({"question": [NOT_OPEN.format(", ".join(accepted) or "none")]})
    survey = plan.journey.surveys[report.question]
    errors = dict(_problems(survey, report.facts))
    declined = {name for name, value in report.facts.items() if _is_declined(value)}
    measured: dict[str, Value] = {}
    for name, measure in survey.measures.items():
        if name in report.facts and name not in declined:
            try:
                measured[name] = measure.kind.read(report.facts[name], now.date())
            except ValueError as error:
                errors[f"facts.{name}"] = [f"{str(error)[0].upper()}{str(error)[1:]}."]
    if errors:
        raise Refused(errors)
    if declined.issuperset(survey.names):
        return SurveyAnswers(replace(report, facts={}, declined=True), survey.key)
    facts = {fact.text: report.facts[fact.text] for fact in survey.facts}
    return SurveyAnswers(replace(report, facts=facts), survey.key, measured)


def _problems(survey: Survey, facts: Mapping[str, object]) -> dict[str, list[str]]:
    """The problems with answers of which some are missing, or which answer nothing of the survey, by field."""
    names = survey.names
    missing = [name for name in names if name not in facts]
    errors = {
        f"facts.{name[:80]}": [f"Unknown question of '{survey.key}'.{did_you_mean(name, names)}"]
        for name in facts
        if name not in names
    }
    if missing:
        listed, lacking = ", ".join(names), ", ".join(missing)
        text = f"The answers to '{survey.key}' are sent together: {listed}; missing: {lacking}. Each may be declined."
        errors[f"facts.{missing[0]}"] = [text]
    return errors


def _is_declined(value: object) -> bool:
    return value is DECLINED or value == {"declined": True}
