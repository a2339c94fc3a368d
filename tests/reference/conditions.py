"""Conditions, which are true, false or unknown (docs/fold.md, sections 5 and 8).

A condition is a tuple:

    ("and", a, b, ...)  ("or", a, b, ...)  ("not", a)  ("named", name)  ("true", boolean fact)
    ("==", fact, value)  ("!=", fact, value)  ("<", fact, n) and so on  ("in", fact, [value])
    ("not in", fact, [value])  ("has", set fact, value)  ("known", fact)  ("in_state", "track.path")
    ("visits", "track.path", op, n)  ("days_since", date fact, op, n)  ("days_in_state", op, n)
"""

import operator
from dataclasses import dataclass
from datetime import datetime

from tests.reference.definition import Release, contains
from tests.reference.state import State
from tests.reference.values import instant_of, whole_days

COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Circumstances:
    """What a condition reads; `since` is the beginning of the stay whose state declares it."""

    release: Release
    state: State
    since: datetime
    instant: datetime


def ask(condition, now):
    """Return the answer (None where it is unknown) and the facts that are missing for it, none where it is known."""
    match condition:
        case None:
            return True, frozenset()
        case ("not", part):
            answer, missing = ask(part, now)
            return negated(answer), missing
        case ("and", *parts):
            return ask_all(parts, now, decisive=False)
        case ("or", *parts):
            return ask_all(parts, now, decisive=True)
        case ("named", name):
            return ask(now.release.conditions[name], now)
        case ("known", name):
            return "value" in now.state.facts.get(name, ()), frozenset()
        case ("in_state", full_path):
            track, _, path = full_path.partition(".")
            stays = now.state.tracks.get(track, ())
            return any(stay.state == path or contains(path, stay.state) for stay in stays), frozenset()
        case ("visits", full_path, comparison, number):
            return COMPARISONS[comparison](now.state.visits.get(full_path, 0), number), frozenset()
        case ("days_in_state", comparison, number):
            # Before joining, the initial stays have not begun.
            days = max(0, whole_days(now.since, now.instant))
            return COMPARISONS[comparison](days, number), frozenset()
    return ask_fact(condition, now)


def ask_all(parts, now, decisive):
    """Return the answer of an `and` or `or`: `decisive` where a part has this answer, else what the parts lack."""
    answers = [ask(part, now) for part in parts]
    if any(answer is decisive for answer, _ in answers):
        return decisive, frozenset()
    missing = frozenset().union(*(facts for answer, facts in answers if answer is None))
    return (None, missing) if any(answer is None for answer, _ in answers) else (not decisive, missing)


def ask_fact(condition, now):
    """Return the answer of a condition about the value of a fact, and the fact where it is missing."""
    word, name, *rest = condition
    fact = now.state.facts.get(name, {})
    answer = compare(word, name, rest, fact["value"], now) if "value" in fact else None
    return answer, frozenset([name]) if answer is None else frozenset()


def compare(word, name, rest, value, now):
    """Return what a condition says of a value; None where the value is too coarse for the question."""
    match word:
        case "true":
            return value
        case "has":
            return rest[0] in value
        case "days_since":
            comparison, number = rest
            return COMPARISONS[comparison](whole_days(instant_of(value), now.instant), number)
        case "in":
            return is_any(value, rest[0], now.release.parents[name])
        case "not in":
            return negated(is_any(value, rest[0], now.release.parents[name]))
    if name in now.release.parents:
        answer = is_any(value, rest, now.release.parents[name])
        return answer if word == "==" else negated(answer)
    return COMPARISONS[word](value, rest[0])


def is_any(value, options, parents):
    """Return whether a value of a tree is one of the options or lies under one; None where it lies above one."""
    if any(option == value or option in parents[value] for option in options):
        return True
    return None if any(value in parents[option] for option in options) else False


def negated(answer):
    """Return the opposite answer; of unknown, unknown."""
    return None if answer is None else not answer
