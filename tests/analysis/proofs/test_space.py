"""Reachable configurations: what tracks can be in together, and what is taken as possible."""

from itertools import pairwise

import pytest

from journeys.analysis.proofs import Space, TooManyConfigurations
from journeys.definition.conditions import compile_condition, parse_condition
from tests.stories.playing import SHIPPED, STORIES, load, played


def test_tracks_that_react_to_each_other_are_together_where_they_must_be():
    release, _ = load(SHIPPED, "nsclc")
    space = Space(release, ("disease", "support"))
    in_hospice = [one for one in space.reached if one.leaves[0].startswith("hospice")]
    assert in_hospice
    assert all(one.leaves[1].startswith("with_hospice_team") for one in in_hospice)


@pytest.mark.long
def test_every_place_that_a_shipped_story_comes_to_is_reached():
    """Over-approximation leaves nothing out; where staff put somebody is no declared way."""
    for journey in ("nsclc", "diabetes"):
        release, _ = load(SHIPPED, journey)
        names = tuple(release.plan.tracks)[:2]
        reached = {one.leaves for one in Space(release, names).reached}
        for name in (one for one in STORIES if one.startswith(f"{journey}/")):
            story = played(name)
            if any(step.action in ("place", "migrate") for step in story.story.steps):
                continue
            for line in story.lines:
                leaves = tuple(line.state.tracks[track][-1].state for track in names)
                assert leaves in reached, name


def test_a_value_that_is_told_coarsely_is_gone_through_too():
    """A told `I` is neither IA nor IB yet, so a condition on both is unknown."""
    release, _ = load(SHIPPED, "nsclc")
    space = Space(release, ("disease",))
    both = parse_condition("stage_group in ['IA', 'IB']", release.plan.scope())
    stage = parse_condition("stage_group == 'I'", release.plan.scope())
    asks = [compile_condition("", node, release.plan.facts).ask for node in (stage, both)]
    found = {tuple(ask(world) for ask in asks) for world in space.worlds([stage, both], next(iter(space.reached)))}
    assert (True, None) in found


def test_more_configurations_than_the_limit_are_refused():
    release, _ = load(SHIPPED, "nsclc")
    with pytest.raises(TooManyConfigurations, match="more than 10 configurations"):
        _ = Space(release, ("disease", "support"), limit=10).reached


def test_the_way_to_a_configuration_begins_where_patients_join():
    release, _ = load(SHIPPED, "nsclc")
    space = Space(release, ("disease",))
    end = next(one for one in space.reached if one.leaves == ("hospice.later_period",))
    way = space.way_to(end)
    assert way[0][0] is None
    assert way[0][1] in set(space.beginnings())
    assert way[-1][1] == end
    for (_, before), (_, after) in pairwise(way):
        assert after in {found for _, found in space.steps(before)}


def test_visits_that_are_counted_are_exact():
    """The first period of hospice care is entered once at most, for it is asked before."""
    release, _ = load(SHIPPED, "nsclc")
    counted = Space(release, ("disease",), {"disease.hospice.first_period": 2})
    assert {one.visits for one in counted.reached} == {(0,), (1,)}
