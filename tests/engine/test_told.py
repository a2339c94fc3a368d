"""A disclosure covers only the content that its reporter knew."""

import pytest

from tests.engine.conftest import bench_of

TWO_HELD = """
facts:
  aa: {type: boolean, hold_until: aa_discussed, title: {en: A}}
  bb: {type: boolean, hold_until: bb_discussed, title: {en: B}}
triggers:
  aa_discussed: {by: [staff], title: {en: A discussed}}
  bb_discussed: {by: [staff], title: {en: B discussed}}
tracks:
  one:
    initial: before
    states:
      before: {title: {en: Before}, on: {bb_discussed: held_for_a}}
      held_for_a: {title: {en: For A}, hold_until: aa_discussed, on: {aa_discussed: stay}}
  two:
    initial: before
    states:
      before: {title: {en: Before}, on: {bb_discussed: held_for_b}}
      held_for_b: {title: {en: For B}, hold_until: bb_discussed, on: {aa_discussed: stay}}
"""


def test_told_with_an_event_that_waits_does_not_tell_what_comes_of_it_later(bench):
    """Staff said that the patient knows, when the result was not known to anybody."""
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.report("scan_done", "2026-02-01", last_scan_on="2026-02-01")
    bench.report("scan_result_reported", "2026-02-03", told=True)
    bench.report("told_us", "2026-02-05", scan_result="suspicious")
    assert bench.states["disease"] == "recurrence"
    assert bench.patient_sees["disease"] == "surveillance.waiting_for_result"


def test_told_with_the_fact_that_frees_a_waiting_event_tells_what_comes_of_it(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.report("scan_done", "2026-02-01", last_scan_on="2026-02-01")
    bench.report("scan_result_reported", "2026-02-03")
    bench.report("told_us", "2026-02-05", told=True, scan_result="suspicious")
    assert bench.patient_sees["disease"] == "recurrence"


def test_a_telling_does_not_tell_what_the_same_event_brings_and_another_tells():
    bench = bench_of(TWO_HELD)
    bench.enroll("2026-01-15", entry=None)
    bench.report("bb_discussed", "2026-02-01", aa=True, bb=True)
    assert bench.held == ["aa", "one.held_for_a"]
    bench.report("aa_discussed", "2026-02-02")
    assert bench.held == []


HELD_FROM_AFAR = """
facts:
  ready: {type: boolean, title: {en: Ready}}
triggers:
  go: {by: [staff], title: {en: Go}}
  told_us: {by: [staff], title: {en: Told us}}
  discussed: {by: [staff], title: {en: Discussed}}
tracks:
  one:
    initial: before
    states:
      before:
        title: {en: Before}
        on:
          go:
            - {when: ready, to: after}
            - {when: not ready, to: stay}
        after:
          - {delay: P30D, to: after}
      after: {title: {en: After}, on: {discussed: stay}}
  two:
    initial: before
    states:
      before: {title: {en: Before}, on: {entered.one.after: held}}
      held: {title: {en: Held}, hold_until: discussed, on: {discussed: stay}}
"""


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(
            lambda bench: bench.report("go", "2026-02-01", ready=True), id="by the entry that an event raises"
        ),
        pytest.param(lambda bench: bench.wait("2026-02-14"), id="by the entry that a timer raises"),
        pytest.param(
            lambda bench: (bench.report("go", "2026-02-01"), bench.report("told_us", "2026-02-02", ready=True)),
            id="by an event that waited",
        ),
        pytest.param(lambda bench: bench.place_patient("two.held", "2026-02-01"), id="by placing"),
    ],
)
def test_what_was_shown_stays_whatever_begins_the_hold(happens):
    bench = bench_of(HELD_FROM_AFAR)
    bench.enroll("2026-01-15", entry=None)
    happens(bench)
    assert bench.held == ["two.held"]
    assert bench.patient_sees == {"one": "before", "two": "before"}


TWO_TRACKS = """
facts:
  grade: {type: choice, values: [low, high], hold_until: grade_discussed, title: {en: Grade}}
triggers:
  found_one: {by: [staff], title: {en: One found}}
  found_other: {by: [staff], title: {en: Other found}}
  graded: {by: [staff], title: {en: Graded}}
  one_discussed: {by: [staff], title: {en: One discussed}}
  other_discussed: {by: [staff], title: {en: Other discussed}}
  grade_discussed: {by: [staff], title: {en: Grade discussed}}
tracks:
  one:
    initial: none
    states:
      none: {title: {en: None}, on: {found_one: held}}
      held: {title: {en: Held}, hold_until: one_discussed, on: {one_discussed: stay}}
  other:
    initial: none
    states:
      none: {title: {en: None}, on: {found_other: held}}
      held: {title: {en: Held}, hold_until: other_discussed, on: {other_discussed: stay}}
"""


@pytest.fixture
def two():
    bench = bench_of(TWO_TRACKS)
    bench.enroll("2026-01-15", entry=None)
    return bench


@pytest.mark.parametrize("order", [("found_one", "found_other"), ("found_other", "found_one")])
def test_a_telling_tells_never_another_tracks_news(two, order):
    for day, trigger in enumerate(order, start=1):
        two.report(trigger, f"2026-02-0{day}")
    two.report("other_discussed", "2026-02-03")
    assert (two.held, two.patient_sees) == (["one.held"], {"one": "none", "other": "held"})
    two.report("one_discussed", "2026-02-04")
    assert (two.held, two.patient_sees) == ([], {"one": "held", "other": "held"})


def test_told_with_an_event_tells_never_another_tracks_news(two):
    two.report("found_one", "2026-02-01")
    two.report("found_other", "2026-02-02", told=True)
    assert (two.held, two.patient_sees) == (["one.held"], {"one": "none", "other": "held"})


def test_the_telling_of_a_fact_tells_no_state_and_the_other_way_round(two):
    two.report("found_one", "2026-02-01")
    two.report("graded", "2026-02-02", grade="high")
    two.report("grade_discussed", "2026-02-03")
    assert (two.held, two.patient_sees["one"]) == (["one.held"], "none")
    assert two.enrollment.view.facts["grade"].value == "high"
    two.report("graded", "2026-02-04", grade="low")
    two.report("one_discussed", "2026-02-05")
    assert (two.held, two.patient_sees["one"]) == (["grade"], "held")
    assert two.enrollment.view.facts["grade"].value == "high"


def test_a_second_value_of_a_held_fact_waits_for_the_telling_too(two):
    two.report("graded", "2026-02-02", grade="high")
    two.report("graded", "2026-02-03", grade="low")
    two.report("grade_discussed", "2026-02-02", arrives="2026-02-04")
    assert two.held == ["grade"]
    two.report("grade_discussed", "2026-02-05")
    assert (two.held, two.enrollment.view.facts["grade"].value) == ([], "low")


def test_what_staff_report_waits_for_all_news_that_was_open_then(two):
    two.report("found_one", "2026-02-01")
    two.report("graded", "2026-02-02")
    two.report("found_other", "2026-02-03")
    assert len(two.enrollment.told.withheld[two.log[2].uid]) == 1
    two.report("one_discussed", "2026-02-04")
    assert [two.enrollment.told.withholds(entry) for entry in two.log] == [False, False, False, True, False]
