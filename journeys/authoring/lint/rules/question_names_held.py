"""No question names what is held: its `question`, `why` and `help` have no title or label of a held state or fact.

Nor does a survey in any of its texts.

Patients may read a question before staff have told them. The rule compares whole words in the same language. Not
compared are the words that a question itself waits for (held until the same trigger as its own fact), and words that
patients choose from in the answers to other questions.

Wrong: `why: {en: It helps us to find out whether the cancer came back.}`, where the state `The cancer came back` has
`hold_until`. Right: `why: {en: Your next scan is planned from this day.}`
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import NOWHERE, Fact, Hold, Titles
from journeys.definition.questions import declared_questions
from journeys.definition.surveys import texts_of_survey
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import chain_of

ID = "question-names-held"
_WORD = re.compile(r"\w+")


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each text of a question that names something held."""
    held = list(_held(subject))
    seen = set(_seen(subject))
    for question in declared_questions(subject.journey):
        own = {hold.trigger for name in question.facts if (hold := subject.journey.facts[name].hold) is not None}
        matters = [(hold, words) for hold, words in held if hold.trigger not in own]
        ask = question.ask
        texts = [("question", ask.question), ("why", ask.why), ("help", ask.help)]
        yield from _named(subject, f"question '{question.name}'", texts, matters, seen)
    for survey in subject.journey.surveys.values():
        own_texts = [(name, measure.title) for name, measure in survey.measures.items()]
        texts = [*texts_of_survey(survey), *own_texts]
        yield from _named(subject, f"survey '{survey.key}'", texts, held, seen)


Words = Mapping[str, str]
#: A title or a label by locale.


def _held(subject: LintSubject) -> Iterator[tuple[Hold, Words]]:
    for track, state in subject.states():
        holds = (track.states[path].hold for path in chain_of(state.path))
        hold = next((hold for hold in holds if hold is not None), None)
        if hold is not None:
            yield hold, state.title
    for fact in subject.journey.facts.values():
        if fact.hold is not None:
            yield fact.hold, fact.title
            for label in _labels(fact):
                yield fact.hold, label


def _seen(subject: LintSubject) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The labels that patients choose from whatever they were told, by locale."""
    for fact in subject.journey.facts.values():
        if fact.hold is None and "patient" in fact.by:
            for label in _labels(fact):
                yield from ((locale, _words(text)) for locale, text in label.items())


def _labels(fact: Fact) -> Iterator[Words]:
    """The labels that name something: not those of a boolean, which are yes and no."""
    if fact.kind.kind != "boolean":
        yield from fact.labels.values()


def _named(
    subject: LintSubject,
    asked: str,
    texts: Iterable[tuple[str, Titles]],
    held: list[tuple[Hold, Words]],
    seen: set[tuple[str, tuple[str, ...]]],
) -> Iterator[Problem]:
    for key, titles in texts:
        for locale, text in titles.items():
            words = _words(text)
            named = [
                (hold, matter[locale])
                for hold, matter in held
                if locale in matter
                and (locale, _words(matter[locale])) not in seen
                and _has(words, _words(matter[locale]))
            ]
            if named:
                hold, matter = max(named, key=lambda pair: len(pair[1]))
                kind = asked.split(maxsplit=1)[0]
                message = (
                    f"'{key}' of the {asked} names '{matter}' in '{locale}', which is held until "
                    f"'{hold.trigger}'; patients may read the {kind} before. Write it without these words."
                )
                yield subject.problem(titles.places.get(locale) or titles.mark or NOWHERE, message)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in _WORD.findall(text))


def _has(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether a text has a phrase, word by word."""
    length = len(phrase)
    return length > 0 and any(words[start : start + length] == phrase for start in range(len(words) - length + 1))
