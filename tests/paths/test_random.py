"""Whatever the journey: every path that is made is what it claims, and replays as a story."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.definition import read_journey
from journeys.machine import make_release
from journeys.paths import cover, covering, graph_of, replay
from tests.paths.journeys_of import played
from tests.reference.generate import random_case

STORIES = 2
#: Of each cover, so many paths are played as stories too.


@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(st.integers(0, 5_000), st.sampled_from(["states", "transitions"]))
def test_every_path_of_a_random_journey_is_feasible(seed, aim):
    journey, _ = read_journey(random_case(seed).definition_yaml("r1").encode(), "r1.yaml")
    release = make_release(journey)
    graph = graph_of(release.plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(covering, "MOST", 60)  # a small map is enough: it is feasibility that is tried here
        found = cover(release, aim)
    for path in found.paths:
        assert replay(release, graph, path).is_as_claimed(path), (seed, path.name)
    for path in found.paths[:STORIES]:
        assert played(release, path) == [], (seed, path.name)
    taken = {edge for path in found.paths for edge in path.edges}
    assert not taken & {one.edge for one in found.impossible}
