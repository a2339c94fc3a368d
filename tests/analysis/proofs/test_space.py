"""Reachable configurations: what tracks can be in together, and what is taken as possible."""

from itertools import pairwise

import pytest

from journeys.analysis.paths import BEGINS
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.proofs import ProofSpace, TooManyConfigurations
from journeys.definition.conditions import compile_condition, parse_condition
from journeys.definition.graph import graph_of
from tests.analysis.paths.journeys_of import release_of
from tests.stories.playing import SHIPPED, STORIES, load, played


def test_tracks_that_react_to_each_other_are_together_where_they_must_be():
    release, _ = load(SHIPPED, "nsclc")
    space = ProofSpace(release.plan, ("disease", "support"))
    in_hospice = [configuration for configuration in space.reached if configuration.leaves[0].startswith("hospice")]
    assert in_hospice
    assert all(configuration.leaves[1].startswith("with_hospice_team") for configuration in in_hospice)


@pytest.mark.long
def test_every_place_that_a_shipped_story_comes_to_is_reached():
    """The over-approximation leaves out only the states in which staff placed a patient."""
    for journey in ("nsclc", "diabetes"):
        release, _ = load(SHIPPED, journey)
        names = tuple(release.plan.tracks)[:2]
        reached = {configuration.leaves for configuration in ProofSpace(release.plan, names).reached}
        for name in (story for story in STORIES if story.startswith(f"{journey}/")):
            story = played(name)
            if any(step.action in ("place", "migrate") for step in story.story.steps):
                continue
            for line in story.lines:
                leaves = tuple(line.state.tracks[track][-1].state for track in names)
                assert leaves in reached, name


def test_a_value_that_is_told_coarsely_is_gone_through_too():
    """A told `I` is neither IA nor IB yet, so a condition on both is unknown."""
    release, _ = load(SHIPPED, "nsclc")
    space = ProofSpace(release.plan, ("disease",))
    both = parse_condition("stage_group in ['IA', 'IB']", release.plan.scope())
    stage = parse_condition("stage_group == 'I'", release.plan.scope())
    asks = [compile_condition("", node, release.plan.facts).ask for node in (stage, both)]
    answers = {tuple(ask(world) for ask in asks) for world in space.worlds([stage, both], next(iter(space.reached)))}
    assert (True, None) in answers


def test_more_configurations_than_the_limit_are_refused():
    release, _ = load(SHIPPED, "nsclc")
    with pytest.raises(TooManyConfigurations, match="more than 10 configurations"):
        _ = ProofSpace(release.plan, ("disease", "support"), limit=10).reached


def test_the_way_to_a_configuration_begins_where_patients_join():
    release, _ = load(SHIPPED, "nsclc")
    space = ProofSpace(release.plan, ("disease",))
    end = next(configuration for configuration in space.reached if configuration.leaves == ("hospice.later_period",))
    steps = space.steps_to(end)
    assert steps[0][0] is None
    assert steps[0][1] in set(space.beginnings())
    assert steps[-1][1] == end
    for (_, before), (_, after) in pairwise(steps):
        assert after in {step.after for step in space.steps(before)}


def test_visits_that_are_counted_are_exact():
    """The first period of hospice care is entered once at most, for it is asked before."""
    release, _ = load(SHIPPED, "nsclc")
    counted = ProofSpace(release.plan, ("disease",), {"disease.hospice.first_period": 2})
    assert {configuration.visits for configuration in counted.reached} == {(0,), (1,)}


DECLARED = """facts:
  fit: {type: boolean, title: {en: Fit}}
triggers:
  asked: {by: [patient], title: {en: Asked}}
  moved: {by: [patient], title: {en: Moved}}
  told_us: {by: [patient], title: {en: Told us}}
ends:
  left: {by: [patient], title: {en: Left}}
"""

WAITED_FOR = """  course:
    title: {en: Course}
    initial: outer
    states:
      outer:
        title: {en: Outer}
        initial: early
        on:
          asked:
            - {when: fit, to: done}
            - {when: not fit, to: stay}
        states:
          early: {title: {en: Early}, on: {moved: late}}
          late: {title: {en: Late}, on: {asked: stay}}
      done: {title: {en: Done}}
  beside:
    title: {en: Beside}
    initial: before
    states:
      before: {title: {en: Before}, on: {moved: ready}}
      ready: {title: {en: Ready}, on: {entered.course.done: after_it}}
      after_it: {title: {en: After it}}
"""


def test_an_event_that_waits_in_an_outer_state_is_asked_again_from_there():
    """It waits in `outer`, the patient moves on inside, and the fact comes: `late`, which would stay, is not asked."""
    release = release_of(WAITED_FOR, DECLARED)
    driver = PathDriver(release, graph_of(release.plan), None, {}, BEGINS)
    for trigger, facts in (("asked", {}), ("moved", {}), ("told_us", {"fit": True})):
        assert driver.report_by_anyone(trigger, facts)
    assert driver.leaves == {"course": "done", "beside": "after_it"}
    space = ProofSpace(release.plan, ("course", "beside"))
    assert ("done", "after_it") in {configuration.leaves for configuration in space.reached}
