"""Moving to another release: nobody loses their place, and nothing old overtakes what is newer."""

from journeys.engine import Event, verify
from tests.engine.conftest import bench_of, day

TRACK = """
tracks:
  {name}:
    initial: first
    states:
      first: {{title: {{en: First}}, on: {{go: second}}}}
      second: {{title: {{en: Second}}, on: {{go: first}}}}
"""
GO = """
triggers:
  go: {title: {en: Go}}
"""


def migrate(bench, other, on, **mapping):
    bench.releases[other.release.id] = other.release
    data = {"to": other.release.id, "map": {old.replace("__", "."): new for old, new in mapping.items()}}
    event = Event(f"m-{on}", "migration", "staff", f"m-{on}", "migrated", "migrated", day(on), day(on), data=data)
    return bench.step([event], on)


def test_a_renamed_track_keeps_its_place_and_its_stays():
    bench, other = (bench_of(TRACK.format(name=name), before=GO) for name in ("disease", "illness"))
    bench.enroll("2026-01-01", entry=None)
    bench.report("go", "2026-01-02")
    before = bench.enrollment.state.tracks["disease"][-1]
    migrate(bench, other, "2026-01-03", disease__first="illness.first", disease__second="illness.second")
    assert bench.states == {"illness": "second"}
    assert bench.enrollment.state.tracks["illness"][-1] == before
    assert verify(bench.releases, bench.enrollment, bench.log) == []


def test_a_state_that_the_new_release_lacks_and_nothing_names_begins_again():
    bench, other = bench_of(TRACK.format(name="a"), before=GO), bench_of(TRACK.format(name="b"), before=GO)
    bench.enroll("2026-01-01", entry=None)
    migrate(bench, other, "2026-01-03")
    assert bench.states == {"b": "first"}
    assert bench.enrollment.state.tracks["b"][-1].since == day("2026-01-03")
