"""A way into a state is not undone at once by a timer of that state that is already due."""

import pytest

from tests.authoring.lint.checking import check

BEFORE = """\
facts:
  seen_on: {type: date, title: {en: Seen on}}
  paid_on: {type: date, title: {en: Paid on}}
triggers:
  visited: {title: {en: Visited}, requires: [seen_on]}
  called: {title: {en: Called}%s}
  moved: {title: {en: Moved}}
"""


def states(due="{called: quiet}", quiet="{delay: P6M, from: seen_on, to: due}", more="", forget=""):
    """Return tracks whose line 6 is the state `due`, which a timer of `quiet` leads to."""
    return f"""\
tracks:
  care:
    initial: quiet
    states:
      quiet: {{title: {{en: Quiet}}, on: {{visited: quiet, moved: away}}, after: [{quiet}]{forget}}}
      due: {{title: {{en: Due}}, on: {due}}}
      away: {{title: {{en: Away}}, on: {{visited: quiet}}}}
{more}"""


def later(delay):
    """Return a state with a timer from the same date."""
    timer = f"{{delay: {delay}, from: seen_on, to: due}}"
    return f"      later: {{title: {{en: Later}}, on: {{visited: quiet, moved: away}}, after: [{timer}]}}\n"


FINE = {
    "the way requires the date": ("", states("{visited: quiet}")),
    "the trigger resets the date": (", resets: [seen_on]", states("{called: quiet, visited: quiet}")),
    "the state forgets the date": ("", states("{called: quiet, visited: quiet}", forget=", forget: [seen_on]")),
    "the timer counts from entry": ("", states(quiet="{delay: P6M, to: due}")),
    "the timer counts from another date": (
        "",
        states(
            quiet="{delay: P6M, from: seen_on, to: due}, {delay: P1M, from: paid_on, to: due}", due="{visited: quiet}"
        ),
    ),
    "the next timer from the date is longer": (
        "",
        states(
            "{called: later}",
            more=later("P7M"),
        ),
    ),
    "another way leads there too": (
        "",
        states("{called: quiet}", more="      new: {title: {en: New}, on: {called: due}}\n").replace(
            "initial: quiet", "initial: new"
        ),
    ),
    "the date may be told there": ("", states("{called: quiet, visited: stay}")),
    "a condition decides": ("", states(quiet="{delay: P6M, from: seen_on, to: due, when: paid_on is known}")),
}
BOUNCES = {
    "straight back": ("", states(), "A patient who comes from 'care.due' by 'called' leaves 'care.quiet' at once"),
    "over a state between": (
        "",
        states("{called: talk}", more="      talk: {title: {en: Talk}, on: {called: quiet}}\n"),
        "A patient who comes from 'care.talk' by 'called'",
    ),
    "beside a timer for an unknown date": (
        "",
        states(quiet="{delay: P6M, from: seen_on, to: due}, {delay: P6M, to: due, when: seen_on is not known}"),
        "A patient who comes from 'care.due' by 'called' leaves 'care.quiet' at once",
    ),
    "into a shorter timer": (
        "",
        states(
            "{called: later}",
            more=later("P30D"),
        ),
        "leaves 'care.later' at once: its timer 'to due P30D from seen_on' is due, as 'seen_on' is at least P6M old",
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_ways_that_last_are_fine(name):
    resets, tracks = FINE[name]
    check(tracks, before=BEFORE % resets)


@pytest.mark.parametrize("name", BOUNCES)
def test_a_way_that_is_undone_at_once_is_a_warning(name):
    resets, tracks, message = BOUNCES[name]
    line = 8 if name == "over a state between" else 6
    check(tracks, (line, "bouncing-timer", message), before=BEFORE % resets)
