"""A condition as a phrase that a reviewer or a patient's explanation can carry, in English or Spanish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

_PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "always": "always",
        "never": "never",
        "flag": "{fact}",
        "is": "{fact} is {values}",
        "has": "{fact} include {values}",
        "number": "{fact} is {compared} {number}",
        "date": "{fact} is {compared} {day}",
        "days_since": "{compared} {number} days since {fact}",
        "days_in_state": "{compared} {number} days in this state",
        "visits": "entered {state} {compared} {number} times",
        "in_state": "in {state}",
        "known": "{fact} is known",
        "not": "not ({part})",
        "and": " and ",
        "or": " or ",
        "<": "less than",
        "<=": "at most",
        ">": "more than",
        ">=": "at least",
        "==": "exactly",
        "!=": "other than",
        "date <": "before",
        "date <=": "on or before",
        "date >": "after",
        "date >=": "on or after",
        "date ==": "on",
        "date !=": "not on",
    },
    "es": {
        "always": "siempre",
        "never": "nunca",
        "flag": "{fact}",
        "is": "{fact} es {values}",
        "has": "{fact} incluye {values}",
        "number": "{fact} es {compared} {number}",
        "date": "{fact} es {compared} {day}",
        "days_since": "{compared} {number} días desde {fact}",
        "days_in_state": "{compared} {number} días en esta etapa",
        "visits": "ha entrado en {state} {compared} {number} veces",
        "in_state": "está en {state}",
        "known": "se conoce {fact}",
        "not": "no ({part})",
        "and": " y ",
        "or": " o ",
        "<": "menos de",
        "<=": "como máximo",
        ">": "más de",
        ">=": "como mínimo",
        "==": "exactamente",
        "!=": "distinto de",
        "date <": "antes del",
        "date <=": "a más tardar el",
        "date >": "después del",
        "date >=": "a partir del",
        "date ==": "el",
        "date !=": "otro día que el",
    },
}


def _blanks(name: str) -> str:
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Names:
    """What facts, their values, states and days are called in a phrase.

    `named`: whether a condition of the journey is said by its name; else by what it asks.
    """

    fact: Callable[[str], str] = _blanks
    value: Callable[[str, str], str] = lambda _, value: value
    state: Callable[[str], str] = str
    day: Callable[[str], str] = str
    named: bool = True


_PLAIN = Names()


def in_words(node: Node, locale: str = "en", names: Names = _PLAIN) -> str:
    """The condition in plain words of a locale (English where there are none), by its own names unless given others."""
    return _Saying(_PHRASES.get(locale.partition("-")[0], _PHRASES["en"]), names).say(node)


@dataclass(frozen=True, slots=True)
class _Saying:
    phrases: Mapping[str, str]
    names: Names

    def say(self, node: Node) -> str:
        names = self.names
        match node:
            case Const(value):
                return self.phrases["always" if value else "never"]
            case Flag(fact):
                return self.phrase("flag", fact=names.fact(fact))
            case Is(fact, values):
                named = self.phrases["or"].join(names.value(fact, value) for value in values)
                return self.phrase("is", fact=names.fact(fact), values=named)
            case Has(fact, value):
                return self.phrase("has", fact=names.fact(fact), values=names.value(fact, value))
            case NumberCompare(fact, operator, number):
                return self.compared("number", operator, fact=names.fact(fact), number=str(number))
            case DateCompare(fact, operator, day):
                return self.compared("date", f"date {operator}", fact=names.fact(fact), day=names.day(day))
            case DaysSince(fact, operator, number):
                return self.compared("days_since", operator, fact=names.fact(fact), number=str(number))
            case DaysInState(operator, number):
                return self.compared("days_in_state", operator, number=str(number))
            case Visits(path, operator, number):
                return self.compared("visits", operator, state=names.state(path), number=str(number))
            case InState(path):
                return self.phrase("in_state", state=names.state(path))
            case Known(fact):
                return self.phrase("known", fact=names.fact(fact))
            case Not(part):
                return self.phrase("not", part=self.say(part))
            case Named(name, inner):
                return _blanks(name) if names.named else self.say(inner)
            case And(parts):
                return self.phrases["and"].join(self.inside(part) for part in parts)
            case Or(parts):
                return self.phrases["or"].join(self.inside(part) for part in parts)

    def inside(self, node: Node) -> str:
        words = self.say(node)
        hidden = node.node if isinstance(node, Named) and not self.names.named else node
        return f"({words})" if isinstance(hidden, And | Or) else words

    def phrase(self, name: str, **parts: str) -> str:
        return self.phrases[name].format(**parts)

    def compared(self, name: str, operator: str, **parts: str) -> str:
        return self.phrases[name].format(compared=self.phrases[operator], **parts)
