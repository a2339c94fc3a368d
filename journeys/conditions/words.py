"""A condition as a phrase that a reviewer or a patient's explanation can carry."""

from __future__ import annotations

from journeys.conditions.nodes import (
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

_OPERATORS = {
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
    "==": "exactly",
    "!=": "other than",
}


def in_words(node: Node) -> str:
    """The condition in plain English, fact names with blanks for underscores."""
    match node:
        case Const(value):
            return "always" if value else "never"
        case Flag(fact):
            return _name(fact)
        case Is(fact, values):
            return f"{_name(fact)} is {' or '.join(values)}"
        case Has(fact, value):
            return f"{_name(fact)} include {value}"
        case NumberCompare(fact, operator, number):
            return f"{_name(fact)} is {_OPERATORS[operator]} {number}"
        case DateCompare(fact, operator, day):
            return f"{_name(fact)} is {_DATE_OPERATORS[operator]} {day}"
        case DaysSince(fact, operator, number):
            return f"{_OPERATORS[operator]} {number} days since {_name(fact)}"
        case DaysInState(operator, number):
            return f"{_OPERATORS[operator]} {number} days in this state"
        case Visits(path, operator, number):
            return f"entered {path} {_OPERATORS[operator]} {number} times"
        case InState(path):
            return f"in {path}"
        case Known(fact):
            return f"{_name(fact)} is known"
        case Not(part):
            return f"not ({in_words(part)})"
        case Named(name, _):
            return _name(name)
        case And(parts):
            return " and ".join(_inside(part) for part in parts)
        case Or(parts):
            return " or ".join(_inside(part) for part in parts)


_DATE_OPERATORS = {
    "<": "before",
    "<=": "on or before",
    ">": "after",
    ">=": "on or after",
    "==": "on",
    "!=": "not on",
}


def _inside(node: Node) -> str:
    words = in_words(node)
    return f"({words})" if isinstance(node, And | Or) else words


def _name(name: str) -> str:
    return name.replace("_", " ")
