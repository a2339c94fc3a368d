"""The surveys of a journey as authors wrote them: what is asked, when it comes, and what people get for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeys.definition.facts import FactKind
from journeys.definition.parts import NOWHERE, Ask, Fact, Mark, Task, Text, Titles

#: The types of answers that are counted: each has few values, and no words of the patient.
MEASURED: tuple[FactKind, ...] = ("boolean", "choice", "integer")


@dataclass(frozen=True, slots=True)
class Thanks:
    """What a patient gets for a survey: one of a `piece`, a `value` of the programme and a `task` for staff.

    `text` says it in the words of patients.
    """

    text: Titles = field(default_factory=Titles)
    piece: Text | None = None
    value: Text | None = None
    task: Task | None = None
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey: questions that come together, with one reason.

    Attributes:
        key: its name, which no fact and no group has.
        ask: its beginning, in the words of patients: what it is about (`question`), `why` it is asked, and `help`.
        purpose: what is done with the answers, in the words of patients.
        show_in: the states in which it comes.
        when: the condition under which it comes, if any.
        again: the time after which it comes again, as ISO 8601; None: it comes once.
        facts: the facts of the journey that it asks for.
        measures: its own questions by name, whose answers are kept apart.
        thanks: what people get.
        mark: its position in the file.
    """

    key: str
    ask: Ask
    purpose: Titles
    show_in: tuple[Text, ...]
    thanks: Thanks
    when: Text | None = None
    again: str | None = None
    facts: tuple[Text, ...] = ()
    measures: Mapping[str, Fact] = field(default_factory=dict)
    mark: Mark = NOWHERE

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its answers: the facts of the journey, then its own."""
        return (*(fact.text for fact in self.facts), *self.measures)


def texts_of_survey(survey: Survey) -> tuple[tuple[str, Titles], ...]:
    """The texts about a survey as a whole by key, also those that were not written; without those of its answers."""
    ask = survey.ask
    return (
        ("question", ask.question),
        ("why", ask.why),
        ("help", ask.help),
        ("purpose", survey.purpose),
        ("thanks", survey.thanks.text),
    )
