"""A condition as a phrase for reviewers, in the languages of the message catalogues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from journeys.definition.conditions.nodes import (
    And,
    Const,
    DateCompare,
    DaysInState,
    DaysSince,
    Flag,
    Has,
    InState,
    Is,
    Known,
    Named,
    Node,
    Not,
    NumberCompare,
    Or,
    Visits,
)
from journeys.primitives.messages import Messages, package_translations

_PHRASES = package_translations("journeys", "conditions")


def _blanks(name: str) -> str:
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Names:
    """How a phrase names facts, their values, states and days.

    `by_name`: whether a named condition appears by its name; otherwise its definition is spelled out.
    """

    fact: Callable[[str], str] = _blanks
    value: Callable[[str, str], str] = lambda _, value: value
    state: Callable[[str], str] = str
    day: Callable[[str], str] = str
    by_name: bool = True


_PLAIN = Names()


def in_words(node: Node, locale: str = "en", names: Names = _PLAIN) -> str:
    """The condition in plain words of a locale, or in English where the locale has no catalogue."""
    return _Phrasing(_PHRASES.for_locale(locale), names).phrase_of(node)


@dataclass(frozen=True, slots=True)
class _Phrasing:
    phrases: Messages
    names: Names

    def phrase_of(self, node: Node) -> str:
        names = self.names
        match node:
            case Const(value):
                return self.phrases["always" if value else "never"]
            case Flag(fact):
                return self.phrase("flag", fact=names.fact(fact))
            case Is(fact, values):
                alternatives = self.phrases["or"].join(names.value(fact, value) for value in values)
                return self.phrase("is", fact=names.fact(fact), values=alternatives)
            case Has(fact, value):
                return self.phrase("has", fact=names.fact(fact), values=names.value(fact, value))
            case NumberCompare(fact, operator, number):
                return self.compared("number", operator, fact=names.fact(fact), number=str(number))
            case DateCompare(fact, operator, day):
                return self.compared("date", f"date {operator}", fact=names.fact(fact), day=names.day(day))
            case DaysSince(fact, operator, number):
                return self.counted("days_since", operator, number, fact=names.fact(fact))
            case DaysInState(operator, number):
                return self.counted("days_in_state", operator, number)
            case Visits(path, operator, number):
                return self.counted("visits", operator, number, state=names.state(path))
            case InState(path):
                return self.phrase("in_state", state=names.state(path))
            case Known(fact):
                return self.phrase("known", fact=names.fact(fact))
            case Not(part):
                return self.phrase("not", part=self.phrase_of(part))
            case Named(name, inner):
                return _blanks(name) if names.by_name else self.phrase_of(inner)
            case And(parts):
                return self.phrases["and"].join(self.inside(part) for part in parts)
            case Or(parts):
                return self.phrases["or"].join(self.inside(part) for part in parts)

    def inside(self, node: Node) -> str:
        phrase = self.phrase_of(node)
        inner = node.node if isinstance(node, Named) and not self.names.by_name else node
        return f"({phrase})" if isinstance(inner, And | Or) else phrase

    def phrase(self, name: str, **parts: str) -> str:
        return self.phrases[name].format(**parts)

    def compared(self, name: str, operator: str, **parts: str) -> str:
        return self.phrases[name].format(compared=self.phrases[operator], **parts)

    def counted(self, name: str, operator: str, number: int, **parts: str) -> str:
        phrase = self.phrases.plural(name, number)
        return phrase.format(compared=self.phrases[operator], number=number, **parts)
