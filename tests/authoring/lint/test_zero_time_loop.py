"""No loop takes no time."""

from tests.authoring.lint.checking import SEEN, check

DATES = "facts:\n  scanned_on: {type: date, title: {en: Scanned on}}\n"


def loop(first, other):
    """Return tracks whose lines 5 and 6 lead to each other after a while."""
    return f"""\
tracks:
  care:
    initial: due
    states:
      due: {{title: {{en: Due}}, on: {{came: stay}}, after: [{first}]}}
      over: {{title: {{en: Over}}, on: {{came: stay}}, after: [{other}]}}
"""


def test_a_loop_that_takes_time_is_fine():
    check(loop("{delay: P1D, to: over}", "{delay: P0D, to: due}"), before=DATES + SEEN)


def test_two_timers_without_delay_are_refused():
    check(
        loop("{delay: P0D, to: over}", "{delay: PT0S, to: due}"),
        (5, "zero-time-loop", "These states can follow each other without any time passing: 'care.due', 'care.over'."),
        before=DATES + SEEN,
    )


def test_a_loop_of_minutes_is_refused():
    check(
        loop("{delay: PT30M, to: over}", "{delay: PT1H, to: due}"),
        (5, "zero-time-loop", "can repeat in steps of an hour or less: 'care.due', 'care.over'."),
        before=DATES + SEEN,
    )


def test_a_loop_of_hours_is_fine():
    check(loop("{delay: PT12H, to: over}", "{delay: PT1H, to: due}"), before=DATES + SEEN)


def test_a_date_may_be_past():
    check(
        loop(
            "{delay: P1Y, from: scanned_on, to: over}, {delay: P1M, to: over}",
            "{delay: P6M, from: scanned_on, to: due}, {delay: P1M, to: due}",
        ),
        (5, "zero-time-loop", "'care.due', 'care.over'"),
        before=DATES + SEEN,
    )


def test_a_state_does_not_follow_itself_at_once():
    check(
        loop("{delay: -P1D, from: scanned_on, to: due}", "{delay: P1D, to: due}").replace(
            "on: {came: stay}", "on: {came: over}"
        ),
        (5, "zero-time-loop", "'care.due'"),
        before=DATES + SEEN,
    )


def test_two_tracks_do_not_drive_each_other():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: stay, entered.mood.calm: home}}
          mood:
            initial: calm
            states:
              calm:
                title: {en: Calm}
                on:
                  came: stay
                  entered.care.home: calm
        """,
        (5, "zero-time-loop", "'care.home', 'mood.calm'"),
        before=SEEN,
    )


def test_an_answer_of_another_track_is_fine():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: ward}}
              ward: {title: {en: Ward}, on: {came: home}}
          mood:
            initial: calm
            states:
              calm: {title: {en: Calm}, on: {came: stay, entered.care.ward: low}}
              low: {title: {en: Low}, on: {came: stay, entered.care.home: calm}}
        """,
        before=SEEN,
    )
