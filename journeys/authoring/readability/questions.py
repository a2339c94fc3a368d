"""The questions of a journey as blocks of text, one for each question in a language: what patients read together."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.readability.blocks import TextBlock, TextBlocks
from journeys.content.templates import SourcePosition
from journeys.definition.model import Ask, Journey
from journeys.definition.questions import declared_questions

_ENDS = (".", "!", "?", "…", ":")


def question_blocks(journey: Journey, *, waiting: str) -> Iterator[TextBlocks]:
    """The questions of a journey with their reasons and help, in each locale that has one.

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
        if lines:
            yield TextBlocks(locale, lines[0].position, lines, (), ())


def _text(ask: Ask, locale: str, waiting: str) -> str:
    """The texts of a question as sentences, one after the other."""
    texts = [titles[locale].strip() for titles in (ask.question, ask.why, ask.help) if locale in titles]
    sentences = [text if text.endswith(_ENDS) else f"{text}." for text in texts if not text.startswith(waiting.strip())]
    return " ".join(sentences)


def _position(journey: Journey, ask: Ask, locale: str) -> SourcePosition:
    mark = ask.question.places.get(locale) or ask.mark
    return SourcePosition(journey.file, mark.line, mark.column)
