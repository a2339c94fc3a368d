"""Builds the annotated page of a journey's structure: every text outside the pieces, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from journeys.content.rendering import own_texts
from journeys.content.screen import fact_title, in_locale, label_of, own_titles, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Fact, Task
from journeys.definition.programmes import Programmes, text_of, values_of
from journeys.definition.questions import declared_questions
from journeys.review.asking import asking_in_words, question_in_words
from journeys.review.joining import registration_in_words
from journeys.review.kinds import limits_in_words
from journeys.review.naming import Naming
from journeys.review.surveying import survey_in_words


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the structure and its subject: `state disease.surveillance`, `value stage_group IA`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Words of one kind; `title` is in the page's language."""

    kind: str
    title: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class StructurePage:
    """Every word outside the pieces in one language. `version` is the digest of the definition."""

    journey: str
    version: str
    locale: str
    title: str
    groups: tuple[Group, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all groups."""
        return tuple(word for group in self.groups for word in group.words)


def annotate_structure(plan: ReleasePlan, locale: str, programmes: Programmes | None = None) -> StructurePage:
    """The structure page of a release in a declared locale; groups without words are left out."""
    reader = _Structure(plan, locale, programmes)
    groups = (Group(kind, reader.naming.label(f"group_{kind}"), tuple(words)) for kind, words in reader.groups())
    shown = tuple(group for group in groups if group.words)
    return StructurePage(plan.journey.key, plan.id, locale, reader.naming.label("structure"), shown)


class _Structure:
    def __init__(self, plan: ReleasePlan, locale: str, programmes: Programmes | None) -> None:
        self.plan = plan
        self.journey = plan.journey
        self.locale = locale
        self.naming = Naming(plan, locale)
        self.programmes = programmes.by_key if programmes is not None else {}

    def groups(self) -> Iterator[tuple[str, Iterator[Word]]]:
        yield "journey", self.journey_words()
        yield "entries", self.entries()
        yield "states", self.states()
        yield "triggers", self.triggers()
        yield "facts", self.facts()
        yield "questions", self.questions()
        yield "surveys", self.surveys()
        yield "contacts", self.contacts()
        yield "topics", self.topics()
        yield "programmes", self.of_programmes()
        yield "own", self.own()
        yield "programme", self.programme()
        yield "tasks", self.tasks()

    def title(self, titles: Mapping[str, str]) -> str:
        return in_locale(titles, self.locale, self.journey.locales)

    def journey_words(self) -> Iterator[Word]:
        if self.journey.title:
            yield Word(f"journey {self.journey.key}", self.title(self.journey.title))
        for track in self.journey.tracks.values():
            if track.title:
                yield Word(f"track {track.name}", self.title(track.title))

    def states(self) -> Iterator[Word]:
        for track in self.journey.tracks.values():
            for state in track.states.values():
                if state.title:
                    yield Word(f"state {track.name}.{state.path}", self.title(state.title))

    def triggers(self) -> Iterator[Word]:
        for trigger in (*self.journey.triggers.values(), *self.journey.ends.values()):
            yield Word(f"trigger {trigger.name}", trigger_title(self.plan, trigger.name, self.locale))

    def facts(self) -> Iterator[Word]:
        for fact in self.journey.facts.values():
            yield Word(f"fact {fact.name}", fact_title(self.plan, fact, self.locale))
            yield from self.values(fact)

    def values(self, fact: Fact) -> Iterator[Word]:
        for value in dict.fromkeys((*fact.kind.values, *fact.labels)):
            yield Word(f"value {fact.name} {value}", label_of(self.plan, fact, value, self.locale))

    def questions(self) -> Iterator[Word]:
        for question in declared_questions(self.journey):
            for key, text in question_in_words(question, self.naming):
                yield Word(f"{key} {question.name}", text)
        for key, text in asking_in_words(self.journey, self.naming):
            yield Word(f"asking {key}", text)
        for track in self.journey.tracks.values():
            for state in track.states.values():
                if state.asks_nothing:
                    yield Word(f"ask {track.name}.{state.path}", self.naming.label("asks_nothing"))

    def surveys(self) -> Iterator[Word]:
        for survey in self.journey.surveys.values():
            for key, text in survey_in_words(survey, self.naming):
                yield Word(f"{key} {survey.key}", text)
            for measure in survey.measures.values():
                yield Word(f"measure {measure.name}", fact_title(self.plan, measure, self.locale))
                yield from self.values(measure)

    def entries(self) -> Iterator[Word]:
        for entry in self.journey.entries.values():
            if entry.title:
                yield Word(f"entry {entry.name}", self.title(entry.title))

    def contacts(self) -> Iterator[Word]:
        for contact in self.journey.contacts.values():
            if contact.title:
                yield Word(f"contact {contact.name}", self.title(contact.title))

    def topics(self) -> Iterator[Word]:
        for name, titles in self.journey.topics.items():
            if titles:
                title = self.title(titles)
                is_on_request = name in self.journey.on_request
                yield Word(f"topic {name}", self.naming.label("on_request", topic=title) if is_on_request else title)

    def of_programmes(self) -> Iterator[Word]:
        for programme in self.programmes.values():
            if programme.title:
                yield Word(f"programme {programme.key}", self.title(programme.title))
            values = values_of(programme)
            for name in values:
                yield Word(f"programme {programme.key} {name}", text_of(values, name, self.locale))
            for name, text in limits_in_words(programme.messages, self.naming):
                yield Word(f"programme {programme.key} messages {name}", text)
            for name, text in registration_in_words(programme.registration, self.naming):
                yield Word(f"programme {programme.key} registration {name}", text)

    def own(self) -> Iterator[Word]:
        for name, text in own_texts(self.locale).items():
            yield Word(f"service {name}", text)
        for name, text in own_titles(self.locale).items():
            yield Word(f"service {name}", text)

    def programme(self) -> Iterator[Word]:
        for value in self.journey.programme.values():
            if value.title:
                yield Word(f"programme value {value.name}", self.title(value.title))

    def tasks(self) -> Iterator[Word]:
        for track in self.journey.tracks.values():
            for state in track.states.values():
                tasks: list[Task | None] = [state.task, *(timer.task for timer in state.after)]
                for task in tasks:
                    if task is not None:
                        yield Word(f"task {track.name}.{state.path}", task.title)
