"""Parts of a journey as its authors wrote it, with their positions in the file: texts, facts, questions, tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from journeys.definition.facts import FactType

Reporter = Literal["patient", "family", "staff"]
REPORTERS: tuple[Reporter, ...] = ("patient", "family", "staff")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1."""

    line: int = 1
    column: int = 1


NOWHERE = Mark()


class Titles(dict[str, str]):
    """A text by locale. `mark` is its position (None where it was not written), `places` that of each locale."""

    mark: Mark | None = None
    places: Mapping[str, Mark] = {}

    @classmethod
    def placed(cls, texts: Mapping[str, str], mark: Mark, places: Mapping[str, Mark]) -> Titles:
        """Titles read from a file."""
        titles = cls(texts)
        titles.mark, titles.places = mark, places
        return titles


@dataclass(frozen=True, slots=True)
class Hold:
    """Content withheld from the patient until staff report `trigger`; the task to tell them is due `within` a time."""

    trigger: str
    within: str = "P2D"
    assignee: str = "care_team"
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Ask:
    """The question that patients are asked about a fact or a group of facts, in their words.

    `why` says what the answer changes for them. `rest` is the time, in place of the journey's, after which a question
    that nobody answered may be asked again, as ISO 8601.
    """

    question: Titles
    why: Titles = field(default_factory=Titles)
    help: Titles = field(default_factory=Titles)
    sensitive: bool = False
    rest: str | None = None
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Asking:
    """How much a journey asks: questions `at_once` and `a_week`, and how many steps ahead (`horizon`) it looks.

    A question that was shown `showings` times without an answer rests for the time `rest`, as ISO 8601.
    """

    at_once: int = 2
    a_week: int = 4
    horizon: int = 2
    showings: int = 3
    rest: str = "P30D"
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared fact: its type, its reporters, and how apps show it.

    `lasting`: once reported, it never changes. `kept` is the purpose of a fact that the journey itself does not use.
    Nobody is asked about a fact without `ask`, unless its group has one.
    """

    name: str
    kind: FactType
    by: frozenset[str] = frozenset(REPORTERS)
    hold: Hold | None = None
    title: Titles = field(default_factory=Titles)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lasting: bool = False
    kept: str = ""
    mark: Mark = NOWHERE
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its position: a condition, or a name in a list."""

    text: str
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must do, `within` a duration of its beginning."""

    title: str
    assignee: str = "care_team"
    within: str = "P3D"
    closed_by: tuple[Text, ...] = ()
    mark: Mark = NOWHERE
