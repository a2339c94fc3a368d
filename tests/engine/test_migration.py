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


FACTS = """
facts:
  grade: {{type: choice, values: [{values}], hold_until: grade_discussed, title: {{en: Grade}}}}
triggers:
  go: {{title: {{en: Go}}}}
  grade_discussed: {{by: [staff], title: {{en: Grade discussed}}}}
"""


def graded(values):
    return bench_of(TRACK.format(name="a"), before=FACTS.format(values=values))


def late(bench, on, uid, by="staff", **facts):
    """Report what the release of then does not know; admission would read it by the release of now."""
    event = Event(uid, "clinic", by, uid, "reported", "go", day(on), day("2026-02-01"), facts=facts)
    return bench.step([event], "2026-02-01")


def test_a_value_that_only_the_new_release_knows_does_not_overtake_a_newer_one():
    bench, other = graded("low, high"), graded("low, middle, high")
    bench.enroll("2026-01-01", entry=None)
    bench.report("grade_discussed", "2026-01-10", grade="high")
    migrate(bench, other, "2026-01-20")
    late(bench, "2026-01-05", "late", grade="middle")
    assert bench.enrollment.state.facts["grade"].value == "high"
    assert verify(bench.releases, bench.enrollment, bench.log) == []


def test_a_held_fact_that_only_the_new_release_knows_is_held():
    bench, other = graded("low, high"), graded("low, middle, high")
    bench.enroll("2026-01-01", entry=None)
    migrate(bench, other, "2026-01-20")
    late(bench, "2026-01-05", "late", grade="middle")
    assert bench.enrollment.state.facts["grade"].value == "middle"
    assert "grade" not in bench.enrollment.view.facts
    bench.report("grade_discussed", "2026-02-02")
    assert bench.held == []


def test_a_held_fact_is_held_where_the_release_before_knew_of_no_holds():
    bench, other = bench_of(TRACK.format(name="a"), before=GO), graded("low, high")
    bench.enroll("2026-01-01", entry=None)
    migrate(bench, other, "2026-01-20")
    late(bench, "2026-01-05", "late", grade="high")
    assert "grade" not in bench.enrollment.view.facts


def test_a_value_waits_for_the_release_that_knows_it_also_past_one_that_only_knows_the_fact():
    first, second, third = bench_of(TRACK.format(name="a"), before=GO), graded("low, high"), graded("low, middle, high")
    first.enroll("2026-01-01", entry=None)
    migrate(first, second, "2026-01-20")
    migrate(first, third, "2026-01-25")
    late(first, "2026-01-05", "late", by="patient", grade="middle")
    assert first.enrollment.state.facts["grade"].value == "middle"
