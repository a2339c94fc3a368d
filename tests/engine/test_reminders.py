"""Of several reminders of one stay that fall due in one passing of time the patient gets the last."""

from datetime import UTC, date, datetime, timedelta

import pytest

from journeys.engine.effects import dates_of_reminders
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


DATED = """
facts:
  visit_on: {title: {en: Visit}, type: date, by: [staff]}
triggers:
  booked: {title: {en: Booked}, by: [staff], requires: [visit_on]}
tracks:
  a:
    initial: before
    states:
      before: {title: {en: Before}, on: {booked: waiting}}
      waiting:
        title: {en: Waiting}
        after:
          - {delay: -P14D, from: visit_on, remind: visit}
          - {delay: -P1D, from: visit_on, remind: visit}
          - {delay: P0D, from: visit_on, remind: today}
          - {delay: P2D, from: visit_on, remind: afterwards}
          - {delay: P3D, remind: meanwhile}
"""


def test_a_reminder_before_a_date_counts_down_to_it_and_no_other_does():
    bench = bench_of(DATED)
    bench.enroll("2026-01-01", entry=None)
    bench.report("booked", "2026-01-01", visit_on="2026-02-01")
    dates = {}
    for days in range(1, 60):
        step = bench.wait(f"{date(2026, 1, 1) + timedelta(days=days)}")
        names = {effect.id: effect.name.split()[1:3] for effect in step.effects if effect.name.startswith("remind")}
        of_now = dates_of_reminders(bench.enrollment.view, bench.release.plan)
        dates |= {" ".join(name): of_now[key] for key, name in names.items() if key in of_now}
    until = datetime(2026, 2, 1, tzinfo=UTC)
    assert dates == {
        "meanwhile P3D": None,
        "visit -P14D": until,
        "visit -P1D": until,
        "today P0D": None,
        "afterwards P2D": None,
    }
