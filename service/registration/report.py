"""Where people leave a registration, from the counters: no rate and no number of less than five people is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from journeys.primitives.shares import Share, shown_number, shown_share
from service.platform.process import Process
from service.registration.store.counts import Count, list_counts

_PAST = ("answered", "declined", "finished")


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """What happened at a question; None: hidden, because it is under five or one that is would follow from it.

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


def _form(key: tuple[str, str, str, str], questions: Mapping[str, Mapping[str, int]]) -> FormReport:
    # Who is shown a question has passed those before: fewer are shown a later one.
    ordered = sorted(questions, key=lambda name: (-questions[name].get("shown", 0), name in ("check", "code"), name))
    begun = max((kinds.get("shown", 0) for kinds in questions.values()), default=0)
    finished = sum(kinds.get("finished", 0) for kinds in questions.values())
    return FormReport(
        *key,
        begun=shown_number(begun),
        finished=shown_number(finished),
        finishing=shown_share(finished, begun),
        questions=tuple(_question(name, questions[name]) for name in ordered),
    )


def _question(name: str, kinds: Mapping[str, int]) -> QuestionReport:
    shown = kinds.get("shown", 0)
    past = sum(kinds.get(kind, 0) for kind in _PAST)
    left = max(0, shown - past)
    # A hidden number must not follow from the others: where one part is hidden, the rest is hidden with it.
    parts = [kinds.get("answered", 0) + kinds.get("finished", 0), kinds.get("declined", 0), left]
    is_open = all(shown_number(part) is not None for part in parts)
    return QuestionReport(
        question=name,
        shown=shown_number(shown),
        answered=shown_number(parts[0]) if is_open else None,
        declined=shown_number(parts[1]) if is_open else None,
        back=shown_number(kinds.get("back", 0)),
        error=shown_number(kinds.get("error", 0)),
        left=shown_number(left) if is_open else None,
        leaving=shown_share(left, shown) if is_open else None,
    )
