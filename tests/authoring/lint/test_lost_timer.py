"""Nobody stays for ever in a state because a date is unknown."""

import pytest

from tests.authoring.lint.checking import check

BEFORE = """\
facts:
  seen_on: {type: date, title: {en: Seen on}}
  paid_on: {type: date, title: {en: Paid on}}
triggers:
  visited: {title: {en: Visited}, requires: [seen_on]}
  called: {title: {en: Called}%s}
"""


def states(due, first="{on: {visited: quiet}}", over="{on: {visited: quiet}}", more=""):
    """Return tracks whose line 6 is the state `quiet` with its timers."""
    titled = [text.replace("{", "{title: {en: A state}, ", 1) for text in (first, over)]
    return f"""\
tracks:
  care:
    initial: first
    states:
      first: {titled[0]}
      quiet: {{title: {{en: Quiet}}, on: {{visited: quiet}}, after: [{due}]}}
      over: {titled[1]}
{more}"""


FROM_VISIT = "{delay: P1Y, from: seen_on, to: over}"
FROM_PAYMENT = "{delay: P1Y, from: paid_on, to: over}"
HEARING = """\
  side:
    initial: apart
    states:
      apart: {title: {en: Apart}, on: {entered.care.quiet: near}}
      near: {title: {en: Near}, after: [{delay: P1M, from: seen_on, to: apart}]}
"""

FINE = {
    "what leads there requires the date": (FROM_VISIT, {}, ""),
    "a second timer counts from the entry": (
        FROM_VISIT + ", {delay: P1M, to: over, when: seen_on is not known}",
        {"first": "{on: {called: quiet}}"},
        "",
    ),
    "a condition asks for the date": (
        FROM_VISIT,
        {"first": "{on: {called: [{when: seen_on is known, to: quiet}, {otherwise: stay}], visited: over}}"},
        "",
    ),
    "a timer from the same date leads there": (
        FROM_VISIT,
        {"first": "{on: {visited: over}, after: [{delay: P1M, from: seen_on, to: quiet}, {delay: P1Y, to: over}]}"},
        "",
    ),
    "an entry follows what requires the date": (FROM_VISIT, {"more": HEARING}, ""),
    "one of two dates is known": (f"{FROM_VISIT}, {FROM_PAYMENT}", {}, ""),
    "what it waited for is not forgotten": (FROM_VISIT + "], forget: [seen_on], tags: [", {}, ""),
}

LOST = {
    "another trigger leads there": (FROM_VISIT, {"first": "{on: {called: quiet}}"}, ""),
    "the date is not the required one": (FROM_PAYMENT, {"over": "{on: {visited: first}}"}, ""),
    "a trigger resets the date": (FROM_VISIT, {}, ", resets: [seen_on]"),
    "another track forgets the date": (
        FROM_VISIT,
        {
            "more": HEARING.replace("title: {en: Apart}", "title: {en: Apart}, forget: [seen_on]").replace(
                "P1M, from: seen_on", "P1M"
            )
        },
        "",
    ),
    "what leads there forgets the date": (
        FROM_VISIT + "], forget: [seen_on], tags: [",
        {"first": "{on: {called: [{when: seen_on is known, to: quiet}, {otherwise: stay}], visited: over}}"},
        "",
    ),
    "a state before it can be without the date": (
        FROM_VISIT,
        {"first": "{on: {visited: over}, after: [{delay: P1M, to: quiet}]}"},
        "",
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_a_state_that_is_left_some_day_is_fine(name):
    due, parts, resets = FINE[name]
    check(states(due, **parts), before=BEFORE % resets)


@pytest.mark.parametrize("name", LOST)
def test_a_state_that_may_never_be_left_is_refused(name):
    due, parts, resets = LOST[name]
    date = "paid_on" if due == FROM_PAYMENT else "seen_on"
    check(
        states(due, **parts),
        (6, "lost-timer", f"'care.quiet' can be left only by a timer from '{date}', which can be unknown there"),
        before=BEFORE % resets,
    )


def test_the_first_state_is_entered_without_dates():
    """An entry may ask for the date, but patients may skip it."""
    check(
        """\
        entry:
          start: {title: {en: Start}, state: care.quiet, asks: [seen_on]}
        tracks:
          care:
            initial: quiet
            states:
              quiet:
                title: {en: Quiet}
                on: {visited: quiet}
                after:
                  - {delay: P1Y, from: seen_on, to: over}
              over: {title: {en: Over}, on: {visited: quiet, called: stay}}
        """,
        (11, "lost-timer", "Add a timer with 'when: seen_on is not known', or let every way there require the date"),
        before=BEFORE % "",
    )


def test_an_event_that_leads_on_is_a_way_on():
    check(
        """\
        tracks:
          care:
            initial: quiet
            states:
              quiet: {title: {en: Quiet}, on: {called: over}, after: [{delay: P1Y, from: seen_on, to: over}]}
              over: {title: {en: Over}, on: {visited: quiet}}
        """,
        before=BEFORE % "",
    )
