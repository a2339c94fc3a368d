"""What a telling told is open again when the telling is taken back, also where the news begins in the told view too."""

import pytest

from tests.engine.conftest import bench_of

BY_THE_CLOCK = """
triggers:
  called: {by: [staff], title: {en: Called}}
  explained: {by: [staff], title: {en: Explained}}
tracks:
  one:
    initial: before
    states:
      before: {title: {en: Before}, after: [{delay: P10D, to: held}], on: {called: stay}}
      held: {title: {en: Held}, hold_until: explained, on: {explained: stay, called: stay}}
"""
BY_FACT = """
facts:
  fit: {type: boolean, title: {en: Fit}, hold_until: explained}
triggers:
  tested: {by: [staff], title: {en: Tested}}
  explained: {by: [staff], title: {en: Explained}}
tracks:
  one:
    initial: before
    states:
      before: {title: {en: Before}, on: {tested: stay, explained: stay}}
"""
BY_WAITING = """
facts:
  fit: {type: boolean, title: {en: Fit}}
triggers:
  asked: {by: [staff], title: {en: Asked}, requires: [fit]}
  tested: {by: [staff], title: {en: Tested}}
  explained: {by: [staff], title: {en: Explained}}
tracks:
  one:
    initial: before
    states:
      before: {title: {en: Before}, on: {asked: held, tested: stay}}
      held: {title: {en: Held}, hold_until: explained, on: {explained: stay}}
"""


@pytest.fixture
def told():
    bench = bench_of(BY_THE_CLOCK)
    bench.enroll("2026-01-15", entry=None)
    bench.report("explained", "2026-02-01")
    assert (bench.held, bench.patient_sees) == ([], {"one": "held"})
    return bench


def test_a_retracted_telling_tells_nothing(told):
    told.retract(1, "2026-02-03")
    assert (told.held, told.patient_sees) == (["one.held"], {"one": "before"})
    told.report("called", "2026-02-04")
    told.report("called", "2026-02-05", by="staff")
    assert told.patient_sees == {"one": "before"}
    told.report("explained", "2026-02-10")
    assert (told.held, told.patient_sees) == ([], {"one": "held"})


def test_a_telling_that_another_event_replaces_tells_nothing(told):
    told.report("called", "2026-02-01", arrives="2026-02-03", replaces=told.log[1].uid)
    assert (told.held, told.patient_sees) == (["one.held"], {"one": "before"})


def test_a_telling_that_another_telling_replaces_tells(told):
    told.report("explained", "2026-02-02", arrives="2026-02-03", replaces=told.log[1].uid)
    assert (told.held, told.patient_sees) == ([], {"one": "held"})


def test_a_telling_of_a_value_that_the_clinic_knew_tells_it():
    """In the truth the second report changes nothing; the patient learns from it, told is told."""
    bench = bench_of(BY_FACT)
    bench.enroll("2026-01-15", entry=None)
    bench.report("tested", "2026-02-01", fit=True)
    assert bench.held == ["fit"]
    bench.report("tested", "2026-02-05", told=True, fit=True)
    assert bench.held == []
    assert bench.enrollment.view.facts["fit"].value is True


def test_news_that_a_replacement_begins_again_is_held():
    """The first event waits for a fact and began the news; its replacement waits for it too, and begins the same."""
    bench = bench_of(BY_WAITING)
    bench.enroll("2026-01-15", entry=None)
    bench.report("asked", "2026-02-01", fit=True)
    assert bench.held == ["one.held"]
    bench.report("asked", "2026-02-02", replaces=bench.log[1].uid, fit=False)
    assert (bench.held, bench.patient_sees) == (["one.held"], {"one": "before"})
