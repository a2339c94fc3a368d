"""A state does not leave a child that awaits an event by its own timer."""

from tests.authoring.lint.checking import SEEN, check


def ward(timer, bed):
    """Return tracks whose line 9 is the timer of a state with a state inside."""
    return f"""\
tracks:
  care:
    initial: ward
    states:
      ward:
        title: {{en: Ward}}
        initial: bed
        after:
          - {timer}
        on: {{came: stay}}
        states:
          bed: {{title: {{en: Bed}}{bed}}}
      home: {{title: {{en: Home}}, on: {{came: ward}}}}
"""


def test_children_that_wait_for_nothing_are_fine():
    check(ward("{delay: P1M, to: home}", ""), before=SEEN)


def test_reminders_and_tasks_take_nothing_away():
    check(
        ward("{delay: P1M, remind: come-back}", ", on: {came: home}"),
        before=SEEN,
    )


def test_a_child_that_awaits_an_event_is_not_left():
    check(
        ward("{delay: P1M, to: home}", ", on: {came: stay}"),
        (9, "parent-timer", "This timer of 'ward' can leave 'ward.bed', which waits for an event."),
        before=SEEN,
    )
