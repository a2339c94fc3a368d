"""A screen shows current states, upcoming events, cards and possible reports, all from the told view alone."""

from datetime import UTC, datetime

from journeys.content.screen import draw
from tests.content.screen.scene import START, catalogue, screen, state


def upcoming(drawn):
    return [(event.kind, event.title, event.day.isoformat()) for event in drawn.next]


def fields_asked(drawn, trigger):
    return next(reportable.fields for reportable in drawn.can_report if reportable.type == trigger)


# --- next ------------------------------------------------------------------------------------------------------


def test_upcoming_events_come_from_timers_soonest_first_and_each_once():
    """Tasks, timers with a false condition, held states and missing pieces are left out."""
    assert upcoming(screen()) == [
        ("reminder", "The piece look-back", "2026-04-10"),
        ("state", "At home", "2026-07-10"),
    ]


def test_a_future_date_is_one_appointment_for_all_its_timers():
    drawn = screen(("booked", START, {"seen_on": "2026-02-20", "paid_on": "2026-03-01"}))
    assert upcoming(drawn) == [
        ("state", "At home", "2026-02-10"),
        ("appointment", "Your visit", "2026-02-20"),
        ("reminder", "The piece look-back", "2026-04-10"),
    ]


def test_an_appointment_is_shown_until_its_day_is_over():
    booked = ("booked", datetime(2026, 3, 1, tzinfo=UTC), {"seen_on": "2026-03-20"})
    shown = state(booked, at=datetime(2026, 3, 1, tzinfo=UTC))
    for at, is_shown in ((datetime(2026, 3, 20, 23, 59, tzinfo=UTC), True), (datetime(2026, 3, 21, tzinfo=UTC), False)):
        drawn = draw(catalogue(), shown, at, "en", marks={}, can_report=(), values={})
        assert ("appointment" in [event.kind for event in drawn.next]) is is_shown


# --- cards -----------------------------------------------------------------------------------------------------


def test_a_card_has_its_reason_and_its_action():
    cards = screen().cards
    assert [(card.selected.piece.key, card.why) for card in cards] == [
        ("about", "For this step: On the ward"),
        ("resting", "Because you rest."),
    ]
    assert [(card.text.action, card.action.kind, card.action.target) for card in cards] == [
        ("Call us", "call", "+1 555 0100"),
        ("I have a date", "report", "booked"),
    ]


def test_a_card_has_no_action_that_cannot_be_reported_now():
    card = next(card for card in screen(("asked", START, {"years": 5})).cards if card.selected.piece.key == "at-home")
    assert card.text.action == "I have a date"
    assert card.action is None


def test_without_a_number_a_card_has_no_call():
    assert screen(values={}).cards[0].action is None


def test_marks_count_from_the_beginning_of_the_stay():
    marks = {
        "about": {"dismissed": "2026-01-09T23:59:59Z", "seen": "2026-01-10"},
        "resting": {"dismissed": "2026-01-11"},
    }
    assert [(card.selected.piece.key, card.is_seen) for card in screen(marks=marks).cards] == [("about", True)]


# --- what may be reported --------------------------------------------------------------------------------------


def test_triggers_with_an_effect_can_be_reported_ends_last():
    """Also triggers that only bring facts, but none of staff and none of another state."""
    reportables = screen().can_report
    assert [reportable.type for reportable in reportables] == ["booked", "told_stage", "asked", "answered", "left"]
    assert reportables[-1].label == "I want to leave"


def test_a_field_has_the_limits_of_its_type():
    years = next(field for field in fields_asked(screen(), "answered") if field.name == "years")
    basis = next(field for field in fields_asked(screen(), "told_stage") if field.name == "basis")
    assert (years.minimum, years.maximum, years.required, basis.max_length) == (1, 9, False, 9)


def test_a_trigger_that_only_brings_facts_asks_for_those_in_use():
    """The current states and their pieces read two facts; other states read the stage and the needs."""
    assert [field.name for field in fields_asked(screen(), "answered")] == ["seen_on", "years"]


def test_values_of_a_tree_name_the_next_coarser_one():
    stage = next(field for field in fields_asked(screen(), "told_stage") if field.name == "stage")
    assert [(choice.value, choice.label, choice.within) for choice in stage.choices] == [
        ("I", "Stage one", None),
        ("IA", "IA", "I"),
        ("IA1", "IA1", "IA"),
        ("IB", "IB", "I"),
        ("II", "II", None),
    ]


def test_a_required_fact_comes_with_its_group_without_facts_of_staff():
    fields = fields_asked(screen(), "told_stage")
    assert [(field.name, field.required, field.group) for field in fields] == [
        ("stage", True, "staging"),
        ("basis", True, "staging"),
    ]


def test_facts_that_decide_a_transition_can_be_reported_with_it():
    assert ("years", False) in [(field.name, field.required) for field in fields_asked(screen(), "asked")]


def test_a_fact_that_a_trigger_resets_can_be_reported_with_it():
    assert ("seen_on", False) in [(field.name, field.required) for field in fields_asked(screen(), "asked")]


def test_an_end_asks_for_facts_and_waits_for_none():
    assert [(field.name, field.required) for field in fields_asked(screen(), "booked")] == [("seen_on", True)]
    assert [(field.name, field.required) for field in fields_asked(screen(), "left")] == [("seen_on", False)]


# --- the screen ------------------------------------------------------------------------------------------------


def test_after_the_end_a_screen_has_the_last_state_and_the_contacts():
    drawn = screen(("left", START, {}))
    assert (drawn.next, drawn.cards, drawn.can_report) == ((), (), ())
    assert drawn.where["care"].title == "In bed"
    assert drawn.contacts == {
        "care_team": {"title": "Your team", "name": None, "phone": "+1 555 0100", "email": None, "hours": None}
    }


def test_a_contact_is_shown_in_its_states_alone():
    assert "hospice" not in screen().contacts
    at_home = screen(("booked", START, {"seen_on": "2026-01-01"}), at=datetime(2026, 1, 12, tzinfo=UTC))
    assert list(at_home.contacts) == ["hospice", "care_team"]
    assert at_home.contacts["hospice"] == {"title": "Your hospice team", "phone": "+1 555 0100"}


def test_states_with_nothing_to_read_are_not_named():
    assert {track: place.title for track, place in screen().where.items()} == {"care": "In bed"}
    assert screen(("halted", START, {})).where["pauses"].title == "A pause"


def test_a_screen_without_an_enrollment_has_no_states():
    drawn = draw(catalogue(), None, START, "en", marks={}, can_report=(), values={})
    assert (drawn.where, drawn.cards, drawn.title) == ({}, (), "A sample")
