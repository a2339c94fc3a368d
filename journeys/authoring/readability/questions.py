"""The questions, surveys and registrations of a journey as blocks of text: what people read together, by language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.authoring.readability.blocks import TextBlock, TextBlocks
from journeys.content.templates import SourcePosition
from journeys.definition.model import NOWHERE, Ask, Journey, Titles
from journeys.definition.programmes import Programme, Programmes
from journeys.definition.questions import declared_questions
from journeys.definition.surveys import Survey, texts_of_survey

_ENDS = (".", "!", "?", "…", ":")


def question_blocks(journey: Journey, *, waiting: str) -> Iterator[TextBlocks]:
    """The questions and surveys of a journey with their reasons and help, in each locale that has one.

    Args:
        journey: the journey that declares them.
        waiting: what a text begins with that waits for translation, and is left out.
    """
    questions = declared_questions(journey)
    for locale in journey.locales:
        lines = tuple(
            TextBlock("line", text, _position(journey, question.ask, locale), name=f"ask of {question.name}")
            for question in questions
            if (text := _text(question.ask, locale, waiting))
        )
        lines += tuple(
            TextBlock("line", text, _position(journey, survey.ask, locale), name=f"survey {survey.key}")
            for survey in journey.surveys.values()
            if (text := _survey_text(survey, locale, waiting))
        )
        if lines:
            yield TextBlocks(locale, lines[0].position, lines, (), ())


def registration_blocks(programmes: Programmes, locales: Sequence[str], *, waiting: str) -> Iterator[TextBlocks]:
    """The registrations of programmes, one block for each programme in each of the locales that has a text of it.

    Args:
        programmes: the programmes.
        locales: the locales of the journey.
        waiting: what a text begins with that waits for translation, and is left out.
    """
    for locale in locales:
        lines = tuple(
            TextBlock("line", text, _beginning(programmes, programme, locale), name=f"registration of {programme.key}")
            for programme in programmes.by_key.values()
            if (text := _joining_text(programme, locale, waiting))
        )
        if lines:
            yield TextBlocks(locale, lines[0].position, lines, (), ())


def _text(ask: Ask, locale: str, waiting: str) -> str:
    """The texts of a question as sentences, one after the other."""
    return _sentences([ask.question, ask.why, ask.help], locale, waiting)


def _survey_text(survey: Survey, locale: str, waiting: str) -> str:
    """The texts of a survey as sentences, with its own questions."""
    texts = [titles for _, titles in texts_of_survey(survey)]
    return _sentences([*texts, *(measure.title for measure in survey.measures.values())], locale, waiting)


def _joining_text(programme: Programme, locale: str, waiting: str) -> str:
    texts = programme.registration.texts() if programme.registration is not None else []
    return _sentences([titles for _, titles in texts], locale, waiting)


def _sentences(parts: Sequence[Titles], locale: str, waiting: str) -> str:
    texts = [titles[locale].strip() for titles in parts if locale in titles]
    sentences = [text if text.endswith(_ENDS) else f"{text}." for text in texts if not text.startswith(waiting.strip())]
    return " ".join(sentences)


def _beginning(programmes: Programmes, programme: Programme, locale: str) -> SourcePosition:
    """The first text of a registration in a locale."""
    registration = programme.registration
    texts = registration.texts() if registration is not None else []
    mark = next((titles.places[locale] for _, titles in texts if locale in titles.places), NOWHERE)
    return SourcePosition(programmes.file, mark.line, mark.column)


def _position(journey: Journey, ask: Ask, locale: str) -> SourcePosition:
    mark = ask.question.places.get(locale) or ask.mark
    return SourcePosition(journey.file, mark.line, mark.column)
