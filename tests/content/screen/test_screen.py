"""A screen shows where a patient is, what comes, the cards and what they may report: from what they were told alone."""

from datetime import UTC, date, datetime

from journeys.content.screen import draw
from journeys.engine import Snapshot
from tests.content.screen.scene import START, catalogue, screen, state


def ahead(found):
    return [(one.kind, one.title, one.day.isoformat()) for one in found.next]


def asked(found, trigger):
    return next(one.fields for one in found.can_report if one.type == trigger)


# --- next ------------------------------------------------------------------------------------------------------


def test_timers_are_what_comes_soonest_first_and_each_thing_once():
    """Neither tasks, nor what is not expected to take, nor a state that is held, nor a piece that is not there."""
    assert ahead(screen()) == [
        ("reminder", "The piece look-back", "2026-04-10"),
        ("state", "At home", "2026-07-10"),
    ]


def test_a_date_to_come_stands_for_all_that_counts_from_it():
    found = screen(("booked", START, {"seen_on": "2026-02-20", "paid_on": "2026-03-01"}))
    assert ahead(found) == [
        ("state", "At home", "2026-02-10"),
        ("appointment", "Your visit", "2026-02-20"),
        ("reminder", "The piece look-back", "2026-04-10"),
    ]


def test_an_appointment_is_shown_until_its_day_is_over():
    booked = ("booked", datetime(2026, 3, 1, tzinfo=UTC), {"seen_on": "2026-03-20"})
    shown = state(booked, at=datetime(2026, 3, 1, tzinfo=UTC))
    for at, is_there in ((datetime(2026, 3, 20, 23, 59, tzinfo=UTC), True), (datetime(2026, 3, 21, tzinfo=UTC), False)):
        found = draw(catalogue(), shown, at, "en", marks={}, has_ended=False, values={})
        assert ("appointment" in [one.kind for one in found.next]) is is_there


def test_a_frozen_view_is_read_at_its_own_time():
    shown = state()
    frozen = Snapshot(START, shown.tracks, shown.facts, shown.visits)
    found = draw(catalogue(), frozen, frozen.at, "en", marks={}, has_ended=False, values={})
    assert found.next[0].day == date(2026, 4, 10)


# --- cards -----------------------------------------------------------------------------------------------------


def test_a_card_says_why_and_what_can_be_done():
    cards = screen().cards
    assert [(card.selected.piece.key, card.why) for card in cards] == [
        ("about", "For this step: On the ward"),
        ("resting", "Because you rest."),
    ]
    assert [(card.text.action, card.action.kind, card.action.target) for card in cards] == [
        ("Call us", "call", "+1 555 0100"),
        ("I have a date", "report", "booked"),
    ]


def test_a_card_reports_only_what_may_be_reported_here():
    card = next(one for one in screen(("asked", START, {"years": 5})).cards if one.selected.piece.key == "at-home")
    assert card.text.action == "I have a date"
    assert card.action is None


def test_without_a_number_there_is_nobody_to_call():
    assert screen(values={}).cards[0].action is None


def test_marks_count_from_the_beginning_of_the_stay():
    marks = {
        "about": {"dismissed": "2026-01-09T23:59:59Z", "seen": "2026-01-10"},
        "resting": {"dismissed": "2026-01-11"},
    }
    assert [(card.selected.piece.key, card.is_seen) for card in screen(marks=marks).cards] == [("about", True)]


# --- what may be reported --------------------------------------------------------------------------------------


def test_what_means_something_here_may_be_reported_ends_last():
    """And what only brings facts; not what staff report, nor what another state declares."""
    found = screen().can_report
    assert [one.type for one in found] == ["booked", "told_stage", "asked", "answered", "left"]
    assert found[-1].label == "I want to leave"


def test_a_field_has_what_its_type_needs():
    years = next(one for one in asked(screen(), "answered") if one.name == "years")
    basis = next(one for one in asked(screen(), "told_stage") if one.name == "basis")
    assert (years.minimum, years.maximum, years.required, basis.max_length) == (1, 9, False, 9)


def test_what_only_brings_facts_asks_for_those_that_change_something_here():
    """What the open states and their pieces read; the stage and the needs are asked elsewhere."""
    assert [one.name for one in asked(screen(), "answered")] == ["seen_on", "years"]


def test_values_of_a_tree_name_the_next_coarser_one():
    stage = next(one for one in asked(screen(), "told_stage") if one.name == "stage")
    assert [(one.value, one.label, one.within) for one in stage.choices] == [
        ("I", "Stage one", None),
        ("IA", "IA", "I"),
        ("IA1", "IA1", "IA"),
        ("IB", "IB", "I"),
        ("II", "II", None),
    ]


def test_what_is_required_is_asked_with_its_group_and_only_what_patients_may_tell():
    fields = asked(screen(), "told_stage")
    assert [(one.name, one.required, one.group) for one in fields] == [
        ("stage", True, "staging"),
        ("basis", True, "staging"),
    ]


def test_what_decides_where_an_event_leads_may_be_told_with_it():
    assert [(one.name, one.required) for one in asked(screen(), "asked")] == [("years", False)]


# --- the whole -------------------------------------------------------------------------------------------------


def test_after_the_end_there_is_where_the_patient_was_and_whom_to_reach():
    found = screen(("left", START, {}))
    assert (found.next, found.cards, found.can_report) == ((), (), ())
    assert found.where["care"].title == "In bed"
    assert found.contacts == {
        "care_team": {"title": "Your team", "name": None, "phone": "+1 555 0100", "email": None, "hours": None}
    }


def test_without_an_enrollment_there_is_no_place():
    found = draw(catalogue(), None, START, "en", marks={}, has_ended=False, values={})
    assert (found.where, found.cards, found.title) == ({}, (), "A sample")
