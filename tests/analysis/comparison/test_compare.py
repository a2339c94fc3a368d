"""What differs between two releases is said change by change, and nothing else is."""

import pytest

from journeys.analysis.comparison import compare
from tests.analysis.comparison.releases import BEFORE, RENAMED, SOONER, WITHOUT_OVERDUE, changed, plan_of


def lines(*changes):
    return compare(plan_of(BEFORE), changed(*changes)).in_words()


def test_the_same_release_differs_in_nothing():
    assert lines() == ["Nothing differs."]


def test_a_title_is_no_difference_of_structure():
    assert lines(("Overdue", "Late")) == ["Nothing differs."]


def test_a_declared_renaming_is_a_renaming_and_what_leads_there_too():
    assert lines(*RENAMED) == [
        "state renamed: care.seen.late: care.seen.overdue -> care.seen.late",
        "transition renamed: care.seen.second: graded otherwise to care.seen.overdue -> "
        "graded otherwise to care.seen.late",
        "timer renamed: care.seen.second: P30D to care.seen.overdue -> P30D to care.seen.late",
    ]


def test_a_renaming_that_nobody_declared_is_a_removal_and_an_addition():
    changes = lines(RENAMED[0])
    assert "state removed: care.seen.overdue" in changes
    assert "state added: care.seen.late" in changes
    assert "transition removed: care.seen.overdue: go to care.seen.second" in changes


def test_a_state_that_is_gone_takes_its_transitions_and_timers_along():
    assert lines(*WITHOUT_OVERDUE) == [
        "state removed: care.seen.overdue",
        "transition removed: care.seen.second: graded otherwise to care.seen.overdue",
        "transition added: care.seen.second: graded otherwise to stay",
        "transition removed: care.seen.overdue: go to care.seen.second",
        "timer removed: care.seen.second: P30D to care.seen.overdue",
    ]


def test_a_shortened_timer_is_sooner():
    assert lines(*SOONER) == [
        "timer changed: care.seen.second: P30D to care.seen.overdue -> P10D to care.seen.overdue (sooner)"
    ]


def test_a_reminder_under_another_name_goes_out_once_more_and_that_is_said():
    (line,) = lines(("delay: P14D", "delay: P20D"))
    assert line.endswith("(it has another name, so a patient who had it gets it again)")


CHANGES = {
    "a fact that takes less": (
        ("[low, middle, high]", "[low, high]"),
        "fact narrowed: grade: without middle (other values are dropped in a migration)",
    ),
    "a fact that takes more": (("[low, middle, high]", "[low, middle, high, top]"), "fact changed: grade: with top"),
    "a narrower number": (
        ("max: 300", "max: 200"),
        "fact narrowed: weight: a whole number from 0 to 300 -> a whole number from 0 to 200 "
        "(other values are dropped in a migration)",
    ),
    "a wider number": (
        ("max: 300", "max: 400"),
        "fact changed: weight: a whole number from 0 to 300 -> a whole number from 0 to 400",
    ),
    "a fact that is gone": (
        ("  weight: {type: integer, min: 0, max: 300, title: {en: Weight}}\n", ""),
        "fact removed: weight (its values are dropped in a migration)",
    ),
    "a trigger that fewer may report": (
        ("go: {by: [patient, staff]", "go: {by: [staff]"),
        "trigger narrowed: go: by patient, staff -> by staff",
    ),
    "a trigger that asks for more": (
        ("called: {by: [staff]", "called: {by: [staff], requires: [weight]"),
        "trigger narrowed: called: by staff -> by staff, requires weight",
    ),
    "a trigger that makes an answer unknown": (
        ("called: {by: [staff]", "called: {by: [staff], resets: [weight]"),
        "trigger changed: called: by staff -> by staff, resets weight",
    ),
    "a trigger that is gone": (("  died: {title", "  left: {title"), "trigger removed: died"),
    "a trigger that is new": (("  died: {title", "  left: {title"), "trigger added: left: by family, patient, staff"),
    "a condition": (
        ("is_high: grade == 'high'", "is_high: grade != 'low'"),
        "condition changed: is_high: grade == 'high' -> grade != 'low'",
    ),
    "an entry": (
        ("state: care.seen.first", "state: care.done"),
        "entry changed: in_care: in care.seen.first -> in care.done",
    ),
    "where a state begins": (
        ("initial: first", "initial: second"),
        "state changed: care.seen: begins in first -> begins in second",
    ),
    "a hold": (
        ("title: {en: Done}", "title: {en: Done}\n        hold_until: called"),
        "state changed: care.done: held until nothing -> held until called (within P2D, for care_team)",
    ),
    "a task": (
        ("title: {en: Overdue}", "title: {en: Overdue}\n            task: {for: nurse, within: P1D, title: Call}"),
        "state changed: care.seen.overdue: task nothing -> task task 'Call' for nurse within P1D",
    ),
    "a transition to elsewhere": (
        ("on: {called: seen}", "on: {called: done}"),
        "transition added: care.seen: called to care.done",
    ),
    "a track": (("  support:\n", "  help:\n"), "track removed: support"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named(name):
    change, line = CHANGES[name]
    assert line in lines(change)


def test_a_comparison_is_plain_values_too():
    comparison = compare(plan_of(BEFORE), changed(*SOONER)).as_json()
    assert comparison["changes"] == [
        {
            "what": "timer",
            "kind": "changed",
            "name": "care.seen.second",
            "before": "P30D to care.seen.overdue",
            "after": "P10D to care.seen.overdue",
            "note": "sooner",
        }
    ]
