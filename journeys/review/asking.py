"""How much a journey asks, and how a question is asked, in the words of a reviewer."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.definition.model import Ask, Asking, Journey
from journeys.definition.questions import DeclaredQuestion, declared_questions
from journeys.primitives.durations import parse_duration
from journeys.review.naming import Naming


def question_in_words(question: DeclaredQuestion, naming: Naming) -> Iterator[tuple[str, str]]:
    """The texts of a question and the settings that its author wrote: the key of each and its words."""
    ask = question.ask
    for key, titles in (("question", ask.question), ("why", ask.why), ("help", ask.help)):
        if titles:
            yield key, naming.title(titles, question.name)
    if len(question.facts) > 1:
        yield "facts", ", ".join(naming.fact(name) for name in question.facts)
    yield from _settings(ask, naming)


def asking_in_words(journey: Journey, naming: Naming) -> Iterator[tuple[str, str]]:
    """How much a journey asks: the key of each setting and its words; nothing where it neither asks nor declares it."""
    asking = journey.asking
    if asking == Asking() and not declared_questions(journey):
        return
    yield "at_once", naming.label("asking_at_once", number=asking.at_once)
    yield "a_week", naming.label("asking_a_week", number=asking.a_week)
    yield "horizon", naming.label("asking_horizon", number=asking.horizon)
    yield "showings", naming.label("asking_showings", number=asking.showings)
    yield "rest", naming.label("asking_rest", time=naming.time(parse_duration(asking.rest)))


def _settings(ask: Ask, naming: Naming) -> Iterator[tuple[str, str]]:
    if ask.sensitive:
        yield "sensitive", naming.label("ask_sensitive")
    if ask.rest is not None:
        yield "rest", naming.label("ask_rest", time=naming.time(parse_duration(ask.rest)))
