"""Where people leave a registration, from the counters: no rate and no number of less than five people is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist
from typing import NamedTuple

from service.platform.process import Process
from service.registration.store.counts import Count, list_counts

#: A cell under this number is hidden.
LEAST = 5
_PAST = ("answered", "declined", "finished")
_LEVEL = NormalDist().inv_cdf(0.975)


class Share(NamedTuple):
    """A share with its 95 % interval, each from 0 to 1."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """What happened at a question; None: less than five, which is hidden.

    `left`: who was shown it and went no further, so far. `leaving`: their share of those who were shown it.
    """

    question: str
    shown: int | None
    answered: int | None
    declined: int | None
    back: int | None
    error: int | None
    left: int | None
    leaving: Share | None


@dataclass(frozen=True, slots=True)
class FormReport:
    """A form in a style and a locale, its questions in the order in which people meet them.

    `begun` were shown the first question, `finished` took the last step; `finishing`: the share of these.
    """

    programme: str
    form: str
    style: str
    locale: str
    begun: int | None
    finished: int | None
    finishing: Share | None
    questions: tuple[QuestionReport, ...]


def report_registrations(process: Process, journey: str, days: int) -> list[FormReport]:
    """The forms of a journey over the last days, including today."""
    since = (process.clock().date() - timedelta(days=days - 1)).isoformat()
    with process.database.reading() as connection:
        return report_counts(list_counts(connection, journey, since))


def report_counts(counts: Iterable[Count]) -> list[FormReport]:
    """The forms with their questions, days taken together."""
    forms: dict[tuple[str, str, str, str], dict[str, dict[str, int]]] = {}
    for count in counts:
        key = (count.of.programme, count.of.form, count.of.style, count.of.locale)
        kinds = forms.setdefault(key, {}).setdefault(count.question, {})
        kinds[count.kind] = kinds.get(count.kind, 0) + count.number
    return [_form(key, questions) for key, questions in sorted(forms.items())]


def wilson(part: int, whole: int) -> Share:
    """A share with Wilson's interval at 95 % (Wilson 1927, JASA 22:209); `whole` is at least 1."""
    share, square = part / whole, _LEVEL**2
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = _LEVEL * math.sqrt(share * (1 - share) / whole + square / (4 * whole**2)) / (1 + square / whole)
    return Share(share, middle - half if part else 0.0, middle + half if part < whole else 1.0)


def _form(key: tuple[str, str, str, str], questions: Mapping[str, Mapping[str, int]]) -> FormReport:
    # Who is shown a question has passed those before: fewer are shown a later one.
    ordered = sorted(questions, key=lambda name: (-questions[name].get("shown", 0), name in ("check", "code"), name))
    begun = max((kinds.get("shown", 0) for kinds in questions.values()), default=0)
    finished = sum(kinds.get("finished", 0) for kinds in questions.values())
    return FormReport(
        *key,
        begun=_shown(begun),
        finished=_shown(finished),
        finishing=_share(finished, begun),
        questions=tuple(_question(name, questions[name]) for name in ordered),
    )


def _question(name: str, kinds: Mapping[str, int]) -> QuestionReport:
    shown = kinds.get("shown", 0)
    past = sum(kinds.get(kind, 0) for kind in _PAST)
    left = max(0, shown - past)
    # A hidden number must not follow from the others: where one part is hidden, the rest is hidden with it.
    parts = [kinds.get("answered", 0) + kinds.get("finished", 0), kinds.get("declined", 0), left]
    is_open = all(_shown(part) is not None for part in parts)
    return QuestionReport(
        question=name,
        shown=_shown(shown),
        answered=_shown(parts[0]) if is_open else None,
        declined=_shown(parts[1]) if is_open else None,
        back=_shown(kinds.get("back", 0)),
        error=_shown(kinds.get("error", 0)),
        left=_shown(left) if is_open else None,
        leaving=_share(left, shown) if is_open else None,
    )


def _shown(number: int) -> int | None:
    return number if number == 0 or number >= LEAST else None


def _share(part: int, whole: int) -> Share | None:
    is_hidden = whole < LEAST or 0 < part < LEAST or 0 < whole - part < LEAST
    return None if is_hidden else wilson(part, whole)
