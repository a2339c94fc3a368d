"""The timers of one state have different names."""

from tests.authoring.lint.checking import SEEN, check


def timers(*written):
    """Return tracks whose timers begin in line 8."""
    lines = "".join(f"          - {entry}\n" for entry in written)
    return f"""\
tracks:
  care:
    initial: here
    states:
      here:
        title: {{en: Here}}
        on: {{came: stay}}
        after:
{lines}"""


def test_another_delay_or_name_is_fine():
    check(
        timers(
            "{delay: P1D, remind: come-back}",
            "{delay: P2D, remind: come-back}",
            "{delay: P1D, remind: come-back, name: again}",
        ),
        before=SEEN,
    )


def test_the_same_timer_does_not_stand_twice():
    check(
        timers("{delay: P1D, remind: come-back}", "{delay: P2D, remind: other}", "{delay: P1D, remind: come-back}"),
        (11, "duplicate-timer", "The timer 'remind come-back P1D' is listed twice in 'here'; give one a 'name'."),
        before=SEEN,
    )
