"""Automatic steps come to rest, and none of them is lost."""

from tests.engine.conftest import bench_of

MIRROR = """
triggers:
  flip: {title: {en: Flip}}
tracks:
  one:
    initial: up
    states:
      up: {title: {en: Up}, on: {flip: down}}
      down: {title: {en: Down}, on: {flip: up}}
  other:
    initial: up
    states:
      up: {title: {en: Up}, on: {entered.one.down: down}}
      down: {title: {en: Down}, on: {entered.one.up: up}}
"""


def test_many_events_of_one_day_each_have_their_reaction():
    """An import brings days, not hours; the steps that one event sets off are not taken from the next."""
    bench = bench_of(MIRROR)
    bench.enroll("2026-01-01", entry=None)
    for _ in range(26):
        bench.report("flip", "2026-01-02")
    assert bench.states == {"one": "up", "other": "up"}
