"""Every title and label that patients or staff read exists in every locale of the journey, and in no other.

The rule checks the journey, tracks, states, triggers, ends, entries, facts, labels of values, values of the programme,
contacts, topics, and the texts of questions and surveys.

Wrong: `title: {en: Follow-up}` where `locales: [en, es]`. Right: `title: {en: Follow-up, es: Seguimiento}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import Mark, Titles
from journeys.definition.questions import declared_questions
from journeys.definition.surveys import texts_of_survey
from journeys.primitives.problems import Problem, did_you_mean

ID = "titles"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each missing or undeclared locale, and each label of an unknown value."""
    locales = subject.journey.locales
    example = ", ".join(f"{locale}: …" for locale in locales)
    for titles, owner, mark in _titled(subject):
        missing = [locale for locale in locales if locale not in titles]
        if missing:
            message = f"{owner} has no title in {', '.join(missing)}; write {{{example}}}."
            yield subject.problem(_mark_of(titles, None) or mark, message)
        for locale in titles:
            if locale not in locales:
                hint = did_you_mean(locale, locales)
                message = f"{owner} has a title in '{locale}', which is not in 'locales'.{hint}"
                yield subject.problem(_mark_of(titles, locale) or mark, message)
    measures = [measure for survey in subject.journey.surveys.values() for measure in survey.measures.values()]
    for fact in (*subject.journey.facts.values(), *measures):
        accepted = ("true", "false") if fact.kind.kind == "boolean" else fact.kind.values
        for value, label in fact.labels.items():
            if value not in accepted:
                hint = did_you_mean(value, accepted)
                message = f"Unknown value '{value}' in the labels of '{fact.name}'.{hint}"
                yield subject.problem(_mark_of(label, None) or fact.mark, message)


def _mark_of(titles: Mapping[str, str], locale: str | None) -> Mark | None:
    if not isinstance(titles, Titles):
        return None
    return titles.places.get(locale) if locale else titles.mark


def _titled(subject: LintSubject) -> Iterator[tuple[Mapping[str, str], str, Mark]]:
    journey = subject.journey
    yield journey.title, "The journey", journey.mark
    for track in journey.tracks.values():
        if track.title:
            yield track.title, f"The track '{track.name}'", track.mark
    for _, state in subject.states():
        yield state.title, f"The state '{state.path}'", state.mark
    for entry in journey.entries.values():
        yield entry.title, f"The entry '{entry.name}'", entry.mark
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        yield trigger.title, f"The trigger '{trigger.name}'", trigger.mark
    for declared in journey.programme.values():
        yield declared.title, f"The value '{declared.name}' of the programme", declared.mark
    for contact in journey.contacts.values():
        if contact.name != "sender":
            yield contact.title, f"The contact '{contact.name}'", contact.mark
    for name, title in journey.topics.items():
        yield title, f"The topic '{name}'", journey.mark
    for fact in journey.facts.values():
        yield fact.title, f"The fact '{fact.name}'", fact.mark
        for value, label in fact.labels.items():
            yield label, f"The label '{value}' of '{fact.name}'", fact.mark
    for question in declared_questions(journey):
        ask = question.ask
        yield ask.question, f"The question '{question.name}'", ask.mark
        for key, text in (("why", ask.why), ("help", ask.help)):
            if text.mark is not None:
                yield text, f"'{key}' of the question '{question.name}'", ask.mark
    for survey in journey.surveys.values():
        for key, text in texts_of_survey(survey):
            if text.mark is not None:
                yield text, f"'{key}' of the survey '{survey.key}'", survey.mark
        for measure in survey.measures.values():
            yield measure.title, f"The measure '{measure.name}'", measure.mark
            for value, label in measure.labels.items():
                yield label, f"The label '{value}' of '{measure.name}'", measure.mark
