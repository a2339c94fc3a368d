"""The shapes of a checked template: frozen values with no behaviour beyond being walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from journeys.definition.conditions import Compiled
from journeys.definition.model import ProgrammeKind
from journeys.definition.programmes import Values, link_to, text_of

Form = Literal["plain", "date", "label"]


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Words:
    """Text as the author wrote it; `place` is where it begins, for those who name a line of it."""

    text: str
    place: SourcePosition | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Value:
    """A fact's value, or the item of the loop called `name` over that fact, in a form."""

    name: str
    fact: str
    form: Form
    is_item: bool
    place: SourcePosition

    @property
    def placeholder(self) -> str:
        """How a rendering shows it: `⟨last_scan_on⟩`."""
        return f"⟨{self.name}⟩"


@dataclass(frozen=True, slots=True)
class OfProgramme:
    """A value of the programme: the same for everybody there, always known, and put in like a fact's.

    `scheme` is what stands before it where a link leads to it (`tel:`), else None. `text` is what is put in: None in
    a template that stands for all programmes.
    """

    name: str
    kind: ProgrammeKind
    scheme: str | None
    place: SourcePosition
    text: str | None = None

    @property
    def placeholder(self) -> str:
        """How a rendering shows it: `⟨programme.care_team_phone⟩`, and what a link leads to."""
        if self.scheme is None:
            return f"⟨programme.{self.name}⟩"
        return f"{'' if self.scheme else 'https://example.org/'}programme.{self.name}"

    def resolved(self, values: Values, locale: str) -> OfProgramme:
        """It with the text of a programme; in a link, signs alone that mean nothing in Markdown."""
        text = text_of(values, self.name, locale)
        if self.scheme is not None:
            text = link_to(self.kind, text).removeprefix(self.scheme)
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class Arm:
    """What is shown when a condition is true."""

    condition: Compiled
    body: tuple[Node, ...]
    place: SourcePosition


@dataclass(frozen=True, slots=True)
class Branch:
    """The first arm whose condition is true; an unknown condition takes none, not even `otherwise`."""

    arms: tuple[Arm, ...]
    otherwise: tuple[Node, ...] | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body once for each item of a set fact, in the order in which its `values` are declared."""

    name: str
    fact: str
    values: tuple[str, ...]
    body: tuple[Node, ...]
    place: SourcePosition


Node = Words | Value | OfProgramme | Branch | Repeat


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template, its partials inside.

    `when` is true wherever it is shown; `leaves` are, by track, the leaf states (full paths) it may be shown in.
    """

    body: tuple[Node, ...]
    when: Compiled | None = None
    leaves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that it shows or asks."""
        facts: set[str] = set()
        for node in walk(self.body):
            match node:
                case Value() | Repeat():
                    facts.add(node.fact)
                case Branch(arms, _):
                    facts.update(*(arm.condition.facts for arm in arms))
                case _:
                    pass
        return frozenset(facts)


def with_values(template: Template, values: Values, locale: str) -> Template:
    """The template as it reads in one programme."""
    if not any(isinstance(node, OfProgramme) for node in walk(template.body)):
        return template
    return replace(template, body=_resolved(template.body, values, locale))


def _resolved(nodes: Iterable[Node], values: Values, locale: str) -> tuple[Node, ...]:
    resolved: list[Node] = []
    for node in nodes:
        match node:
            case OfProgramme():
                resolved.append(node.resolved(values, locale))
            case Branch(arms, otherwise):
                inner = tuple(replace(arm, body=_resolved(arm.body, values, locale)) for arm in arms)
                last = _resolved(otherwise, values, locale) if otherwise is not None else None
                resolved.append(Branch(inner, last))
            case Repeat():
                resolved.append(replace(node, body=_resolved(node.body, values, locale)))
            case _:
                resolved.append(node)
    return tuple(resolved)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and everything inside them, in document order."""
    for node in nodes:
        yield node
        match node:
            case Branch(arms, otherwise):
                for arm in arms:
                    yield from walk(arm.body)
                yield from walk(otherwise or ())
            case Repeat():
                yield from walk(node.body)
            case _:
                pass
