"""Which of the questions worth asking are asked now: questions that rest or wait are left out, and a budget is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, TypeVar

from journeys.definition.model import Ask, Asking
from journeys.engine.asked import NEVER_ASKED, QuestionStatus
from journeys.primitives.canonical import stored_time
from journeys.primitives.durations import parse_duration

_WEEK = timedelta(days=7)


class HasQuestion(Protocol):
    """Something that may be asked, by the name of its question."""

    @property
    def question(self) -> str:
        """The fact, the group or the survey."""


N = TypeVar("N", bound=HasQuestion)


def asked_now(
    worthwhile: Iterable[N],
    asking: Asking,
    asks: Mapping[str, Ask],
    marks: Mapping[str, QuestionStatus],
    now: datetime,
) -> tuple[N, ...]:
    """The questions to ask now, in their order.

    At most `at_once` are asked. In seven days at most `a_week` questions are shown; one that was shown today counts
    already, and stays. A question that was shown `showings` times without an answer rests.

    Args:
        worthwhile: the questions worth asking, in their order, then the surveys that come.
        asking: how much the journey asks.
        asks: the questions of the journey by name, of which some have their own rest.
        marks: what is remembered of each question.
        now: the instant.
    """
    today = now.astimezone(UTC).date()
    last_days = {name: day for name, status in marks.items() if (day := _day(status.last_shown)) is not None}
    shown_this_week = {name for name, day in last_days.items() if today - _WEEK < day <= today}
    budget = asking.a_week - len(shown_this_week)
    chosen: list[N] = []
    for entry in worthwhile:
        if len(chosen) == asking.at_once:
            break
        ask = asks.get(entry.question)
        rest = ask.rest if ask is not None and ask.rest is not None else asking.rest
        if _waits(marks.get(entry.question, NEVER_ASKED), asking.showings, rest, now):
            continue
        if entry.question not in shown_this_week:
            if budget <= 0:
                continue
            budget -= 1
        chosen.append(entry)
    return tuple(chosen)


def _waits(status: QuestionStatus, showings: int, rest: str, now: datetime) -> bool:
    """Whether the patient asked to be asked later, or the question rests after its showings.

    On the day of its last showing a question stays; after its rest it may be shown as often again.
    """
    today = now.astimezone(UTC).date()
    until = _day(status.until)
    if until is not None and today < until:
        return True
    last = _day(status.last_shown)
    if last is None or status.shown < showings or status.shown % showings or last == today:
        return False
    begins = datetime(last.year, last.month, last.day, tzinfo=UTC)
    return now < parse_duration(rest).after(begins)


def _day(text: str | None) -> date | None:
    """The day (UTC) of a day or an instant as text."""
    return stored_time(text)[0].astimezone(UTC).date() if text is not None else None
