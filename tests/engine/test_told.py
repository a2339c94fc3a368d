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
