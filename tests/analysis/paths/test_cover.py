"""Covers are complete, and every path of them is feasible: the engine goes it, and it replays as a story."""

from functools import lru_cache

import pytest

from journeys.analysis.paths import cover, replay
from journeys.analysis.paths.driver import PathDriver
from journeys.definition.graph import graph_of
from tests.analysis.paths.by_hand import pairs_of
from tests.analysis.paths.journeys_of import played, release_of
from tests.stories.playing import SHIPPED, load

EVERY = 40
#: Of the hundreds of paths that cover all pairs, one in as many is played as a story too; all are gone by the engine.


@lru_cache
def covered(aim, journey="nsclc"):
    return cover(load(SHIPPED, journey)[0], aim)


def key(edge):
    return edge.track, edge.source, edge.trigger, edge.place


@pytest.mark.parametrize("journey", [pytest.param("nsclc", marks=pytest.mark.long), "diabetes"])
def test_the_pair_cover_is_complete_by_an_independent_count(journey):
    """Every pair of the definition's file is taken by some path or listed as impossible, never both; none is left."""
    release, _ = load(SHIPPED, journey)
    result = covered("pairs", journey)
    assert result.unfound == ()
    taken = set()
    for path in result.paths:
        last = {}
        for edge in path.edges:
            if edge.track in last:
                taken.add((key(last[edge.track]), key(edge)))
            last[edge.track] = edge
    impossible = {(key(impossible_goal.first), key(impossible_goal.edge)) for impossible_goal in result.impossible}
    assert not taken & impossible
    assert taken | impossible == pairs_of(release.plan.journey)


@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
def test_every_transition_is_taken_or_listed_as_impossible(journey):
    result = covered("transitions", journey)
    taken = {edge for path in result.paths for edge in path.edges}
    impossible = {impossible_goal.edge for impossible_goal in result.impossible}
    assert result.unfound == ()
    assert not taken & impossible
    assert taken | impossible == set(graph_of(load(SHIPPED, journey)[0].plan).edges)
    assert all(impossible_goal.why for impossible_goal in result.impossible)


@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
@pytest.mark.parametrize("aim", ["states", "transitions", pytest.param("pairs", marks=pytest.mark.long)])
def test_the_engine_goes_every_path_as_it_claims(aim, journey):
    release, _ = load(SHIPPED, journey)
    graph = graph_of(release.plan)
    wrong = [path.name for path in covered(aim, journey).paths if not replay(release, graph, path).is_as_claimed(path)]
    assert wrong == []


def test_a_cover_is_the_same_whenever_it_is_made():
    release, _ = load(SHIPPED, "nsclc")
    result = cover(release, "transitions")
    assert result.paths == covered("transitions").paths
    assert [(impossible_goal.goal, impossible_goal.why) for impossible_goal in result.impossible] == [
        (impossible_goal.goal, impossible_goal.why) for impossible_goal in covered("transitions").impossible
    ]


@pytest.mark.parametrize("aim", ["states", "transitions", "pairs"])
@pytest.mark.long
def test_paths_replay_as_stories_and_visit_what_they_claim(aim):
    release, _ = load(SHIPPED, "nsclc")
    for path in covered(aim).paths[:: EVERY if aim == "pairs" else 5]:
        assert played(release, path) == [], path.name


def test_what_is_held_is_told_before_the_path_goes_on():
    release, _ = load(SHIPPED, "nsclc")
    graph = graph_of(release.plan)
    held = 0
    for path in covered("transitions").paths:
        driver = PathDriver(release, graph, path.entry, path.facts, path.began)
        for event in path.events:
            if driver.news:
                held += 1
                assert event.type == driver.news[-1].until, path.name
            assert driver.report(event)
    assert held


FACTS = """facts:
  fit: {type: boolean, title: {en: Fit}}
  age: {type: integer, min: 0, max: 120, title: {en: Age}}
  seen_on: {type: date, title: {en: Seen}}
  grade: {type: choice, values: [low, high], by: [staff], title: {en: Grade}, labels: {low: {en: L}, high: {en: H}}}
triggers:
  asked: {by: [patient, staff], title: {en: Asked}}
  graded: {by: [staff], requires: [grade], title: {en: Graded}}
  told_us: {by: [staff], title: {en: Told}}
  discussed: {by: [staff], title: {en: Discussed}}
ends:
  left: {by: [patient], title: {en: Left}}
"""


def check(release, aim="pairs"):
    """Return the cover after replaying each of its paths."""
    result = cover(release, aim)
    graph = graph_of(release.plan)
    for path in result.paths:
        assert replay(release, graph, path).is_as_claimed(path), path
        assert played(release, path) == [], path
    return result


def test_a_pair_whose_conditions_contradict_each_other_is_named_with_its_contradiction():
    release = release_of(
        """  course:
    title: {en: Course}
    initial: start
    states:
      start:
        title: {en: Start}
        on:
          asked: waiting
      waiting:
        title: {en: Waiting}
        on:
          asked:
            - {when: "visits('course.start') >= 2", to: done}
            - {when: "visits('course.start') < 2", to: start}
      done:
        title: {en: Done}
""",
        FACTS,
    )
    result = check(release)
    assert result.unfound == ()
    (impossible_goal,) = [
        impossible_goal
        for impossible_goal in result.impossible
        if impossible_goal.edge.trigger == "asked" and impossible_goal.edge.target == "done"
    ] or [None]
    assert impossible_goal is None  # a second round makes it possible
    assert not [impossible_goal for impossible_goal in result.impossible if impossible_goal.edge.kind != "end"]


def test_what_a_state_inside_answers_first_is_impossible_and_says_so():
    release = release_of(
        """  course:
    title: {en: Course}
    initial: outer
    states:
      outer:
        title: {en: Outer}
        initial: inner
        on:
          graded:
            - {when: "grade == 'low'", to: other}
            - {otherwise: stay}
        states:
          inner:
            title: {en: Inner}
            on:
              graded:
                - {when: "grade == 'low'", to: next}
                - {when: "grade == 'high'", to: stay}
          next:
            title: {en: Next}
            on: {told_us: inner}
      other:
        title: {en: Other}
        on: {asked: outer}
""",
        FACTS,
    )
    result = check(release)
    assert result.unfound == ()
    whys = [impossible_goal.why for impossible_goal in result.impossible]
    assert any("'course.outer.inner' is asked first" in why and "grade is low" in why for why in whys), whys


def test_timers_from_dates_loops_and_parallel_tracks_are_gone():
    release = release_of(
        """  course:
    title: {en: Course}
    initial: resting
    states:
      resting:
        title: {en: Resting}
        on: {asked: due}
        after:
          - {delay: P6M, from: seen_on, to: due}
          - {delay: P1Y, to: due, when: "seen_on is not known"}
      due:
        title: {en: Due}
        hold_until: discussed
        forget: [seen_on]
        after:
          - {delay: P30D, to: late}
        on: {told_us: resting}
      late:
        title: {en: Late}
        on: {told_us: resting}
  beside:
    title: {en: Beside}
    initial: quiet
    states:
      quiet:
        title: {en: Quiet}
        on: {entered.course.late: alert}
      alert:
        title: {en: Alert}
        on:
          entered.course.resting: quiet
""",
        FACTS,
    )
    result = check(release)
    assert result.unfound == ()
    assert [impossible_goal.goal for impossible_goal in result.impossible] == []
    raised = [path for path in result.paths if any(edge.kind == "raised" for edge in path.edges)]
    assert raised


def test_a_timer_is_waited_for_however_often_other_tracks_move_before_it():
    release = release_of(
        """  course:
    title: {en: Course}
    initial: resting
    states:
      resting:
        title: {en: Resting}
        after:
          - {delay: P2Y, to: done}
      done:
        title: {en: Done}
  beside:
    title: {en: Beside}
    initial: even
    states:
      even:
        title: {en: Even}
        after:
          - {delay: P7D, to: odd}
      odd:
        title: {en: Odd}
        after:
          - {delay: P7D, to: even}
""",
        FACTS,
    )
    assert check(release, "transitions").unfound == ()


def test_days_in_a_state_and_numbers_are_waited_for_and_told():
    release = release_of(
        """  course:
    title: {en: Course}
    initial: start
    states:
      start:
        title: {en: Start}
        on:
          asked:
            - {when: "days_in_state >= 10 and age >= 18", to: done}
            - {otherwise: again}
      again:
        title: {en: Again}
        on: {told_us: start}
      done:
        title: {en: Done}
        on: {told_us: start}
""",
        FACTS.replace("asked: {by: [patient, staff],", "asked: {by: [patient, staff], requires: [age],"),
    )
    result = check(release)
    assert result.unfound == ()
    assert not result.impossible


def test_every_entry_point_is_a_beginning():
    entries = {path.entry for path in covered("transitions").paths}
    assert len(entries) > 1
