"""The shapes of a checked template: frozen values with no behaviour beyond being walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from journeys.definition.conditions import Compiled
from journeys.definition.model import ProgrammeKind
from journeys.definition.programmes import Values, link_to, text_of

Form = Literal["plain", "date", "label"]
MESSAGE, UNSUBSCRIBE, CODE, SIGN_IN = "message", "unsubscribe", "code", "sign_in"
#: The values of a message frame.
#: The values that are targets of links, and what they are until the sender knows them.
ADDRESSES = {UNSUBSCRIBE: "https://example.org/unsubscribe", SIGN_IN: "https://example.org/sign-in"}
#: Where the link of a frame leads until the sender fills in the address of the person.


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Words:
    """Text as the author wrote it; `place` is its beginning."""

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
        """The placeholder for the value in a rendering: `⟨last_scan_on⟩`."""
        return f"⟨{self.name}⟩"


@dataclass(frozen=True, slots=True)
class OfProgramme:
    """A value of the programme: always known, the same for all of its patients, and filled in like the value of a fact.

    `scheme` is the beginning of the link target that contains the value (`tel:`), or None outside links. `text` is the
    text to fill in, or None in a template for all programmes.
    """

    name: str
    kind: ProgrammeKind
    scheme: str | None
    place: SourcePosition
    text: str | None = None

    @property
    def placeholder(self) -> str:
        """The placeholder for the value in a rendering: `⟨programme.care_team_phone⟩`, or the target of a link."""
        if self.scheme is None:
            return f"⟨programme.{self.name}⟩"
        return f"{'' if self.scheme else 'https://example.org/'}programme.{self.name}"

    def resolved(self, values: Values, locale: str) -> OfProgramme:
        """The node with the text of a programme; in a link, without characters special to Markdown."""
        text = text_of(values, self.name, locale)
        if self.scheme is not None:
            text = link_to(self.kind, text).removeprefix(self.scheme)
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class FrameValue:
    """A value that the sender fills into a message text: the `message`, the address to `unsubscribe` or to
    `sign_in`, or the `code`."""

    name: str
    place: SourcePosition

    @property
    def is_address(self) -> bool:
        """Whether it is the target of a link."""
        return self.name in ADDRESSES

    @property
    def placeholder(self) -> str:
        """The placeholder for the value: `⟨message⟩`, or the target of a link."""
        return ADDRESSES.get(self.name, f"⟨{self.name}⟩")


@dataclass(frozen=True, slots=True)
class Arm:
    """A condition, and the nodes shown when it is true."""

    condition: Compiled
    body: tuple[Node, ...]
    place: SourcePosition


@dataclass(frozen=True, slots=True)
class Branch:
    """A choice that shows the first arm whose condition is true; if a condition is unknown, it shows nothing."""

    arms: tuple[Arm, ...]
    otherwise: tuple[Node, ...] | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A loop: shows its body once for each item of a set fact, in the order of the declared `values`."""

    name: str
    fact: str
    values: tuple[str, ...]
    body: tuple[Node, ...]
    place: SourcePosition


Node = Words | Value | OfProgramme | FrameValue | Branch | Repeat


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template with its partials.

    `when` is true wherever the template is shown; `leaves` are, by track, the leaf states (full paths) that show it.
    """

    body: tuple[Node, ...]
    when: Compiled | None = None
    leaves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that the template shows or its conditions read."""
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
    """The template with the values of one programme."""
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
