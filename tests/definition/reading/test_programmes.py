"""The limits of a programme's messages are read from its file; each mistake is shown with what would be accepted."""

from datetime import time, timedelta

import pytest

from journeys.definition.message_limits import Cap, MessageLimits
from journeys.definition.reading import read_programmes

FILE = "sample.programmes.yaml"
NORTH = "programmes:\n  north:\n    title: {en: North}\n    messages:\n"


def read(messages):
    """The limits of one programme, whose lines begin with line 5, and (line, column, message) of each problem."""
    text = NORTH + "".join(f"      {line}\n" for line in messages.splitlines())
    programmes, problems = read_programmes(text.encode(), FILE)
    return programmes.by_key["north"], [(problem.line, problem.column, problem.message) for problem in problems]


def test_the_limits_of_a_programme_are_read():
    programme, problems = read(
        """quiet: ["20:30", "08:00"]
apart: PT4H
caps:
  - {purposes: [education, adherence], day: 1, week: 3}
  - {purposes: marketing, week: 1}"""
    )
    assert problems == []
    assert programme.messages == MessageLimits(
        quiet=(time(20, 30), time(8)),
        apart=timedelta(hours=4),
        caps=(
            Cap(purposes=frozenset({"education", "adherence"}), day=1, week=3),
            Cap(purposes=frozenset({"marketing"}), week=1),
        ),
    )


@pytest.mark.parametrize("messages", ["", "quiet:", "caps: []"])
def test_a_programme_may_declare_nothing(messages):
    programme, _ = read(messages)
    assert programme.messages == MessageLimits()


def test_a_purpose_may_count_in_two_groups():
    programme, problems = read("caps: [{purposes: education, day: 1}, {purposes: [education, support], week: 3}]")
    assert (len(programme.messages.caps), problems) == (2, [])


@pytest.mark.parametrize("apart", ["PT1M", "P28D", "P4W"])
def test_the_shortest_and_the_longest_time_between_two_messages(apart):
    assert read(f"apart: {apart}")[1] == []


MISTAKES = {
    'quiet: ["21:00", "21:00"]': (5, 14, "begins and ends at 21:00; write two different times"),
    'quiet: ["21:00", "24:00"]': (5, 24, "is '24:00'; write a time such as \"09:00\"."),
    'quiet: [9 pm, "08:00"]': (5, 15, "'quiet' of 'messages' of the programme 'north' is '9 pm'"),
    'quiet: ["21:00"]': (5, 14, 'must be two times, when quiet hours begin and end, such as ["21:00", "08:00"].'),
    'quiet: ["21:00", "08:00", "09:00"]': (5, 14, "must be two times"),
    "quiet: night": (5, 14, "must be two times"),
    "quite: night": (5, 7, "Did you mean 'quiet'?"),
    "apart: PT0S": (5, 7, "is PT0S; accepted are durations from PT1M to P28D, such as PT4H."),
    "apart: -PT4H": (5, 7, "is -PT4H; accepted are durations from PT1M to P28D"),
    "apart: P29D": (5, 7, "is P29D; accepted are durations from PT1M to P28D"),
    "apart: P1M": (5, 7, "is P1M; accepted are durations from PT1M to P28D"),
    "apart: 4 hours": (5, 14, "is not an ISO 8601 duration"),
    "caps: [{purposes: [eduction], day: 1}]": (5, 26, "is not a purpose of messages. Did you mean 'education'?"),
    "caps: [{purposes: measurement, day: 1}]": (5, 25, "sends no messages. Accepted: education, treatment, adherence"),
    "caps: [{purposes: [share:registry], day: 1}]": (5, 26, "'share:registry' in 'purposes' of a cap"),
    "caps: [{purposes: [support, support], day: 1}]": (5, 35, "'support' is listed twice in"),
    "caps: [{purposes: [], day: 1}]": (5, 25, "is empty. Accepted: education, treatment"),
    "caps: [{day: 1}]": (5, 14, "needs 'purposes'"),
    "caps: [{purposes: support}]": (5, 14, "needs 'day', 'week' or both."),
    "caps: [{purposes: support, day: 0}]": (5, 34, "is 0; it must be 1 or more."),
    "caps: [{purposes: support, week: -1}]": (5, 34, "is -1; it must be 1 or more."),
    "caps: [{purposes: support, day: few}]": (5, 39, "it must be a whole number."),
    "caps: {purposes: support, day: 1}": (5, 13, "must be a list"),
    "caps: [{purposes: support, day: 1}, {purposes: support, week: 3}]": (5, 7, "two caps for the same purposes"),
}


@pytest.mark.parametrize("messages", MISTAKES)
def test_each_mistake_is_shown_once_with_what_is_accepted(messages):
    line, column, words = MISTAKES[messages]
    _, problems = read(messages)
    assert [problem[:2] for problem in problems] == [(line, column)]
    assert words in problems[0][2]
