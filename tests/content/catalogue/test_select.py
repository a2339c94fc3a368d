"""What is shown follows states and conditions; what is not can be explained."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeys.content.catalogue import Catalogue, consider, explain, select
from journeys.definition.facts import DECLINED
from journeys.engine import State
from journeys.engine.state import Ended
from tests.samples.sample import NOW, made_piece, pieces, plan, view


def catalogue(**more):
    return Catalogue(plan(), {**pieces(), **more})


def keys(seen):
    return [selection.piece.key for selection in select(catalogue(), seen, NOW)]


def test_pieces_of_open_states_are_shown_in_their_order():
    assert keys(view(last_scan_on="2026-01-05", operable=True)) == ["welcome", "scan-result", "next-scan"]


def test_a_piece_of_another_state_is_not_shown():
    assert keys(view("follow_up.due", last_scan_on="2026-01-05")) == ["welcome"]


@pytest.mark.parametrize("facts", [{}, {"operable": DECLINED}, {"operable": False}])
def test_only_a_condition_that_is_true_shows(facts):
    assert keys(view(**facts)) == ["welcome"]


def test_a_reminder_is_never_listed_but_may_be_sent():
    reminder = pieces()["scan-reminder"]
    assert consider(plan(), reminder, view("follow_up.due"), NOW).cause == "reminder"
    assert consider(plan(), reminder, view("follow_up.due"), NOW, as_reminder=True).is_shown
    assert consider(plan(), reminder, view(), NOW, as_reminder=True).cause == "elsewhere"


def test_the_stay_is_the_innermost_that_matches():
    inner = made_piece(
        "Text.\n", shared="purpose: support\nshow_in: [care.follow_up, care.follow_up.waiting, support]\n"
    )
    selections = {
        selection.piece.key: selection for selection in select(catalogue(inner=inner), view(operable=True), NOW)
    }
    assert selections["made-up"].stay.id == "stay of follow_up.waiting"
    assert selections["next-scan"].stay.id == "stay of follow_up"
    assert selections["welcome"].stay.id == "stay of follow_up"


def test_days_in_state_count_from_the_stay_that_matches():
    """`waiting` began 10 days ago, `follow_up` more than a year ago."""
    inner = made_piece("Text.\n", shared="purpose: support\nwhen: days_in_state == 10\n")
    outer = made_piece("Text.\n", shared="purpose: support\nwhen: days_in_state > 300\nshow_in: care.follow_up\n")
    both = Catalogue(plan(), {"inner": inner, "outer": outer})
    assert [reason.is_shown for reason in explain(both, view(), NOW)] == [True, True]


def test_pieces_of_one_order_go_by_key():
    some = [replace(pieces()["welcome"], key=key) for key in "cab"]
    selections = select(Catalogue(plan(), {piece.key: piece for piece in some}), view(), NOW)
    assert [selection.piece.key for selection in selections] == ["a", "b", "c"]


def test_every_piece_is_explained():
    reasons = {reason.piece.key: reason for reason in explain(catalogue(), view(operable=False), NOW)}
    assert {key: reason.cause for key, reason in reasons.items()} == {
        "welcome": "shown",
        "scan-result": "false",
        "next-scan": "false",
        "scan-reminder": "elsewhere",
    }
    assert reasons["next-scan"].text == "Its condition is not true: operable."
    assert reasons["scan-reminder"].text == "Shown in care.follow_up.due only."


def test_what_is_unknown_names_the_facts_and_what_was_seen():
    reason = consider(plan(), pieces()["next-scan"], view(operable=DECLINED), NOW)
    assert (reason.cause, reason.missing, reason.saw) == ("unknown", ("operable",), {"operable": {"declined": True}})
    assert reason.text == "Its condition waits for operable: operable."
    assert consider(plan(), pieces()["next-scan"], view(), NOW).saw == {"operable": None}


def test_nothing_is_shown_once_the_journey_has_ended():
    seen = view()
    ended = State("r", NOW, seen.tracks, seen.facts, seen.visits, ended=Ended("left", "2026-01-20", "e"))
    assert select(catalogue(), ended, NOW) == []
    assert {reason.cause for reason in explain(catalogue(), ended, NOW)} == {"ended"}
    assert select(catalogue(), replace(ended, ended=None), NOW) != []


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        select(catalogue(), view(), datetime(2026, 1, 1))  # noqa: DTZ001
    assert select(catalogue(), view(), datetime(2026, 1, 1, tzinfo=UTC))
