"""An event without a fact that its trigger requires waits for it; what a trigger resets only becomes unknown."""

import pytest

from journeys.authoring.lint import lint_journey
from journeys.definition.facts import DECLINED
from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.primitives.problems import only_errors
from tests.engine.conftest import Bench

JOURNEY = """
journey: small
title: {en: Small}
locales: [en]
facts:
  seen_on: {type: date, title: {en: Seen on}}
  paid: {type: boolean, title: {en: Paid}}
  mood: {type: choice, values: [good, low], title: {en: Mood}, labels: {good: {en: Good}, low: {en: Low}}}
triggers:
  visited: {title: {en: Visited}, requires: [seen_on, paid]}
  asked: {title: {en: Asked}, resets: [mood]}
  replied: {title: {en: Answered}}
  moved: {title: {en: Moved}}
  weighed: {title: {en: Weighed}, requires: [mood]}
ends:
  left: {title: {en: Left}, requires: [mood]}
entry:
  start: {title: {en: Start}, state: care.first, asks: [seen_on, mood]}
tracks:
  care:
    initial: first
    states:
      first:
        initial: early
        on: {visited: quiet, asked: stay}
        states:
          early: {on: {moved: late}}
          late: {}
      quiet:
        forget: [paid]
        on: {asked: stay, moved: first}
        after: [{delay: P1Y, from: seen_on, to: first}]
  side:
    initial: outer
    states:
      outer:
        initial: inner
        on: {visited: stay}
        states:
          inner:
            on:
              visited:
                - {when: mood == 'low', to: other}
                - {otherwise: stay}
          other: {}
"""


@pytest.fixture(scope="module")
def journey():
    journey, problems = read_journey(JOURNEY.encode(), "small.yaml")
    problems = only_errors([*problems, *lint_journey(journey)])
    problems = [problem for problem in problems if problem.rule != "titles"]
    assert not problems, "\n".join(map(str, problems))
    return journey


@pytest.fixture
def person(journey):
    bench = Bench(make_release(journey))
    bench.enroll("2026-01-01", "start", seen_on="2025-12-01", mood="good")
    return bench


def result(step):
    (result,) = step.results.values()
    return result


def leaf(bench, track="care"):
    return bench.enrollment.state.tracks[track][-1].state


def test_an_event_without_its_facts_waits_in_every_track_and_names_them(person):
    step = person.report("visited", "2026-01-02")
    assert result(step).outcome == "waiting"
    assert dict(result(step).by_track) == {"care": "waiting", "side": "waiting"}
    assert result(step).waiting_for == ("paid", "seen_on")
    assert (leaf(person), leaf(person, "side")) == ("first.early", "outer.inner")


def test_the_old_answer_is_gone_while_the_event_waits(person):
    person.report("visited", "2026-01-02", paid=True)
    assert "seen_on" not in person.enrollment.state.facts
    assert person.enrollment.state.facts["paid"].value is True


def test_a_later_event_that_brings_the_fact_frees_it(person):
    person.report("visited", "2026-01-02", paid=True)
    step = person.report("replied", "2026-01-05", seen_on="2026-01-02")
    assert [move.trigger for move in result(step).transitions] == ["visited"]
    assert leaf(person) == "quiet"
    assert person.enrollment.state.waiting == ()
    assert person.enrollment.state.next_due_at.date().isoformat() == "2027-01-02"


def test_a_declined_fact_is_an_answer(person):
    step = person.report("visited", "2026-01-02", paid=True, seen_on=DECLINED)
    assert result(step).outcome == "advanced"
    assert leaf(person) == "quiet"
    assert person.enrollment.state.next_due_at is None


def test_it_waits_although_only_a_part_of_its_facts_came(person):
    person.report("visited", "2026-01-02")
    step = person.report("replied", "2026-01-03", seen_on="2026-01-02")
    assert step.results[next(iter(step.results))].outcome == "stayed"
    assert {waiting.missing for waiting in person.enrollment.state.waiting} == {frozenset({"paid"})}
    person.report("replied", "2026-01-04", paid=False)
    assert leaf(person) == "quiet"


def test_what_an_event_waited_for_is_not_forgotten_by_the_state_that_it_enters(person):
    """`paid` came first, and not with the event that frees it."""
    person.report("visited", "2026-01-02")
    person.report("replied", "2026-01-03", paid=True)
    person.report("replied", "2026-01-04", seen_on="2026-01-02")
    assert leaf(person) == "quiet"
    assert person.enrollment.state.facts["paid"].value is True


def test_it_is_bound_to_the_state_in_which_it_waits(person):
    """Inside of that state the patient may move; after it has ended the event is dropped."""
    person.report("visited", "2026-01-02")
    person.report("moved", "2026-01-03")
    assert leaf(person) == "first.late"
    person.report("replied", "2026-01-04", seen_on="2026-01-02", paid=True)
    assert leaf(person) == "quiet"
    person.report("moved", "2026-01-05")
    person.report("visited", "2026-01-06")
    person.report("visited", "2026-01-07", seen_on="2026-01-07", paid=True)
    assert leaf(person) == "quiet"
    assert person.enrollment.state.waiting == ()


def test_the_same_event_with_its_facts_takes_its_place(person):
    person.report("visited", "2026-01-02")
    step = person.report("visited", "2026-01-03", seen_on="2026-01-03", paid=True)
    assert len([move for move in result(step).transitions if move.track == "care"]) == 1
    assert person.enrollment.state.waiting == ()
    assert person.enrollment.state.visits["care.quiet"] == 1


def test_no_condition_and_no_outer_state_is_asked_before(person):
    """In `side` the inner state would take `otherwise`, and the outer one `stay`."""
    step = person.report("visited", "2026-01-02", paid=True, mood="low")
    assert dict(result(step).by_track)["side"] == "waiting"
    assert result(step).waiting_for == ("seen_on",)
    person.report("replied", "2026-01-03", seen_on="2026-01-02")
    assert leaf(person, "side") == "outer.other"


def test_where_nothing_is_declared_nothing_waits_and_the_old_answer_stays(person):
    """Otherwise a report that concerns no state would disarm the timers that count from a date."""
    step = person.report("weighed", "2026-01-02")
    assert result(step).outcome == "ignored"
    assert person.enrollment.state.facts["mood"].value == "good"


def test_a_reset_fact_becomes_unknown_and_nothing_waits(person):
    step = person.report("asked", "2026-01-02")
    assert result(step).outcome == "stayed"
    assert result(step).waiting_for == ()
    assert "mood" not in person.enrollment.state.facts
    person.report("asked", "2026-01-03", mood="low")
    assert person.enrollment.state.facts["mood"].value == "low"


def test_an_end_waits_for_nothing(person):
    assert result(person.report("left", "2026-01-02")).outcome == "advanced"
    assert person.enrollment.state.ended is not None


def test_under_the_first_rules_a_required_fact_is_only_reset(journey):
    """A release that was published under them keeps them, so that the states of its patients stay as they are."""
    bench = Bench(make_release(journey, rules=1))
    bench.enroll("2026-01-01", "start", seen_on="2025-12-01")
    assert result(bench.report("visited", "2026-01-02")).outcome == "advanced"
    assert leaf(bench) == "quiet"
    assert bench.enrollment.state.facts == {}
