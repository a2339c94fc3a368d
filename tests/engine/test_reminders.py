"""Of several reminders of one stay that fall due in one passing of time the patient gets the last."""

import pytest

from tests.engine.conftest import bench_of

TRACKS = """
facts:
  result: {title: {en: Result}, type: choice, by: [staff], values: [clear, suspicious], hold_until: discussed}
triggers:
  began: {title: {en: Began}, by: [staff]}
  reported: {title: {en: Reported}, by: [staff]}
  discussed: {title: {en: Discussed}, by: [staff]}
tracks:
  a:
    initial: before
    states:
      before: {title: {en: Before}, on: {began: waiting}}
      waiting:
        title: {en: Waiting}
        on: {began: {to: waiting}}
        after:
          - {delay: P1D, remind: first}
          - {delay: P2D, remind: second}
          - {delay: P3D, remind: third}
"""


@pytest.fixture
def bench():
    bench = bench_of(TRACKS)
    bench.enroll("2026-01-01", entry=None)
    return bench


def given(step):
    return [(effect.action, effect.name.split()[1]) for effect in step.effects if effect.name.startswith("remind")]


def test_each_day_its_own_reminder(bench):
    bench.report("began", "2026-01-01")
    days = ["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"]
    assert [given(bench.wait(day)) for day in days] == [
        [("open", "first")],
        [("open", "second")],
        [("open", "third")],
        [],
    ]


def test_after_a_week_without_service_one_reminder(bench):
    bench.report("began", "2026-01-01")
    assert given(bench.wait("2026-01-10")) == [("open", "third")]
    assert given(bench.wait("2026-01-20")) == []


def test_with_the_event_that_arrives_after_a_week_one_reminder(bench):
    bench.report("began", "2026-01-01")
    assert given(bench.report("reported", "2026-01-10")) == [("open", "third")]


def test_when_news_is_told_one_reminder(bench):
    """What staff report while news is open reaches the patient with its telling."""
    bench.report("reported", "2026-01-01", result="suspicious")
    bench.report("began", "2026-01-01")
    assert given(bench.wait("2026-01-08")) == []
    assert given(bench.report("discussed", "2026-01-11")) == [("open", "third")]


def test_a_late_event_that_begins_the_stay_anew_gives_one_reminder(bench):
    bench.report("began", "2026-01-01")
    bench.wait("2026-01-04")
    assert given(bench.report("began", "2026-01-02", arrives="2026-02-20")) == [("open", "third"), ("clear", "third")]
