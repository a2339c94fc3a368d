"""What is asked now: a budget by the week, questions that rest, and questions for later."""

from datetime import UTC, datetime, timedelta
from random import Random

from journeys.definition.model import Ask, Asking, Titles
from journeys.engine.asked import NEVER_ASKED, QuestionStatus
from journeys.questions.asked import asked_now
from journeys.questions.table import Worthwhile

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
NAMES = ("first", "second", "third", "fourth", "fifth", "sixth")
WORTHWHILE = tuple(Worthwhile(name, "now", 1.0, ()) for name in NAMES)


DEFAULT = Asking()


def names(marks, asking=DEFAULT, asks=None, now=NOW):
    return tuple(entry.question for entry in asked_now(WORTHWHILE, asking, asks or {}, marks, now))


def shown(times, day, until=None):
    return QuestionStatus(times, f"2026-06-{day:02}T08:00:00Z", until)


def test_no_more_are_asked_at_once_than_the_journey_says():
    assert names({}) == ("first", "second")
    assert names({}, Asking(at_once=3)) == ("first", "second", "third")


def test_a_question_for_later_is_asked_from_that_day_on():
    assert names({"first": QuestionStatus(until="2026-06-11")}) == ("second", "third")
    assert names({"first": QuestionStatus(until="2026-06-10")}) == ("first", "second")


def test_a_question_rests_after_its_showings_and_then_is_asked_again():
    assert names({"first": shown(2, 9)}) == ("first", "second")
    assert names({"first": shown(3, 10)}) == ("first", "second")  # today's third showing stays
    assert names({"first": shown(3, 9)}) == ("second", "third")
    assert names({"first": shown(3, 9)}, now=NOW + timedelta(days=30)) == ("first", "second")


def test_a_question_may_have_its_own_rest():
    asks = {"first": Ask(Titles({"en": "?"}), rest="P60D")}
    later = NOW + timedelta(days=40)
    assert names({"first": shown(3, 9)}, asks=asks, now=later) == ("second", "third")


def test_no_more_questions_are_shown_in_a_week_than_the_journey_says():
    marks = {"third": shown(1, 9), "fourth": shown(1, 8), "fifth": shown(1, 4), "sixth": shown(1, 5)}
    assert names(marks) == ("third", "fourth")  # those that were shown this week may stay, new ones wait
    assert names(marks, now=NOW + timedelta(days=1)) == ("first", "third")


def test_budget_and_rest_hold_over_a_year_of_random_days():
    chance, marks, shown_on = Random(1), {}, {name: [] for name in NAMES}
    asking, day = Asking(), NOW
    while day < NOW + timedelta(days=365):
        day += timedelta(days=chance.randint(1, 3))
        asked = names(marks, asking, now=day)
        assert len(asked) <= asking.at_once
        for name in asked:
            status = marks.get(name, NEVER_ASKED)
            marks[name] = QuestionStatus(status.shown + 1, day.isoformat().replace("+00:00", "Z"))
            shown_on[name].append(day)
        this_week = [
            name for name, days in shown_on.items() if any(day - timedelta(days=7) < each <= day for each in days)
        ]
        assert len(this_week) <= asking.a_week
    for days in shown_on.values():
        rests = [later - earlier for earlier, later in zip(days[2::3], days[3::3], strict=False)]
        assert all(rest >= timedelta(days=29) for rest in rests)
    assert sum(map(len, shown_on.values())) > 50
