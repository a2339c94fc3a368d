"""A state does not leave a child that awaits an event by its own timer."""

import pytest

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


def test_an_author_may_say_that_the_event_may_be_lost():
    check(ward("{delay: P1M, to: home, while_waiting: true}", ", on: {came: stay}"), before=SEEN)


def test_every_state_that_waits_is_named():
    chair = "}\n          chair: {title: {en: Chair}, on: {came: stay}"
    check(
        ward("{delay: P1M, to: home}", f", on: {{came: chair}}{chair}"),
        (9, "parent-timer", "can leave 'ward.bed', 'ward.chair', which wait for an event"),
        before=SEEN,
    )


@pytest.mark.parametrize(("action", "waits"), [("to: home", ""), ("remind: come-back", ", on: {came: home}")])
def test_nothing_is_said_of_events_that_cannot_be_lost(action, waits):
    timer = f"{{delay: P1M, {action}, while_waiting: true}}"
    check(ward(timer, waits), (9, "parent-timer", "'while_waiting' has no effect"), before=SEEN)
