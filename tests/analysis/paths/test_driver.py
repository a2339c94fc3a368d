"""The path driver: the instants of its events strictly increase, and it claims nothing that does not replay."""

import pytest

from journeys.analysis.paths import BEGINS, PathEvent, replay
from journeys.analysis.paths.driver import TICK, PathDriver
from journeys.definition.graph import graph_of
from tests.analysis.paths.journeys_of import release_of

TRIGGERS = """triggers:
  asked: {by: [patient], title: {en: Asked}}
ends:
  left: {by: [patient], title: {en: Left}}
"""

TIMED = """  way:
    initial: early
    states:
      early:
        title: {en: Early}
        on: {asked: stay}
        after: [{delay: P1D, name: day_over, to: late}]
      late: {title: {en: Late}, on: {asked: stay}}
"""


@pytest.fixture
def driver():
    release = release_of(TIMED, TRIGGERS)
    return PathDriver(release, graph_of(release.plan), None, {}, BEGINS)


def test_a_thousand_events_before_a_timer_have_instants_of_their_own(driver):
    for _ in range(1_000):
        assert driver.report_by_anyone("asked", {})
    instants = [event.at for event in driver.events]
    assert instants == sorted(set(instants))
    assert driver.wait()
    path = driver.path("a thousand")
    assert path is not None
    assert replay(driver.release, driver.graph, path).is_as_claimed(path)
    assert [edge.target for edge in path.edges] == ["late"]


def test_no_event_is_reported_where_no_instant_is_left_before_the_timer(driver):
    due = driver.state.next_due_at
    assert driver.report(PathEvent(due - TICK, "asked", "patient"))
    assert driver.next_instant() is None
    assert not driver.report_by_anyone("asked", {})
    assert driver.wait()
    assert driver.leaves == {"way": "late"}


def test_an_event_at_the_instant_of_another_is_refused(driver):
    assert driver.report(PathEvent(BEGINS + TICK, "asked", "patient"))
    assert not driver.report(PathEvent(BEGINS + TICK, "asked", "patient"))
    assert not driver.report(PathEvent(BEGINS, "asked", "patient"))
    assert len(driver.events) == 1


def test_a_path_that_does_not_replay_is_not_returned(driver):
    driver.wait()
    assert driver.path("as driven") is not None
    driver.edges.pop()
    driver.times.pop()
    assert driver.path("a transition less") is None


def test_a_fork_leaves_the_path_it_came_from_alone(driver):
    fork = driver.fork()
    fork.wait()
    assert driver.edges == []
    assert driver.leaves == {"way": "early"}
    assert fork.leaves == {"way": "late"}
