"""The shortest way to a state is found, replays as a story, and visits what it claims."""

import pytest

from journeys.analysis.paths import find, to_story
from journeys.authoring.stories import Stage, play, read_story
from tests.stories.playing import SHIPPED, load

GOALS = [
    "disease.hospice.second_period",
    "support.with_palliative_team.new_needs",
    "scans.overdue",
    "other_cancer.has_own_journey",
]


@pytest.mark.parametrize("goal", GOALS)
def test_what_is_found_replays_as_a_story(goal):
    release, catalogue = load(SHIPPED, "nsclc")
    path = find(release, lambda state: goal in state.places, name=f"to {goal}")
    assert goal in path.states
    story, problems = read_story(to_story(path, release.plan).encode(), "path.yaml")
    assert problems == []
    played = play(story, Stage(release, catalogue))
    assert (played.problems, played.mismatches) == ((), ())


def test_nothing_is_found_where_nothing_leads():
    release, _ = load(SHIPPED, "nsclc")
    assert find(release, lambda _: False, limit=200) is None
