"""A survey in the words of a reviewer: what is asked, when it comes, and what people get."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.definition.surveys import Survey, texts_of_survey
from journeys.review.naming import Naming


def survey_in_words(survey: Survey, naming: Naming) -> Iterator[tuple[str, str]]:
    """The texts of a survey and its settings, without its own questions: the key of each and its words."""
    for key, titles in texts_of_survey(survey):
        if titles:
            yield key, naming.title(titles, survey.key)
    if survey.facts:
        yield "facts", ", ".join(naming.fact(fact.text) for fact in survey.facts)
    plan = naming.plan.surveys[survey.key]
    yield "show_in", ", ".join(naming.quoted(naming.path(state)) for state in sorted(plan.states))
    if plan.when is not None:
        yield "when", naming.rule(plan.when.node)
    if plan.again is None:
        yield "again", naming.label("survey_once")
    else:
        yield "again", naming.label("survey_again", time=naming.time(plan.again))
    thanks = survey.thanks
    if thanks.piece is not None:
        yield "piece", thanks.piece.text
    if thanks.value is not None:
        yield "value", thanks.value.text
    if thanks.task is not None:
        yield "task", thanks.task.title
