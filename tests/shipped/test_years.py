"""In no state of a shipped journey does a patient stay a year without a question, a message or a task."""

from datetime import UTC, datetime

import pytest

from journeys.analysis.proofs import ProofSpace
from tests.stories.playing import SHIPPED, load

NOW = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = datetime(2027, 1, 1, tzinfo=UTC)

#: The track of the disease, the tracks that ask beside it, and the states in which the course is over.
COURSES = {
    "nsclc": (("disease", "scans", "check_ins"), {"no_cancer_found"}),
    "diabetes": (("diabetes", "sugar_checks"), {"no_diabetes"}),
}


def asks_within_a_year(plan, track, leaf):
    """Return whether a stay in a leaf opens a task, or has a timer that acts within a year of its beginning."""
    chain = plan.tracks[track].chain(leaf)
    return any(state.task or any(timer.delay.after(NOW) <= YEAR for timer in state.timers) for state in chain)


@pytest.mark.parametrize("journey", COURSES)
def test_wherever_a_patient_stands_something_asks_within_a_year(journey):
    release, _ = load(SHIPPED, journey)
    tracks, over = COURSES[journey]
    space = ProofSpace(release.plan, tracks)
    assert space.reached
    forgotten = {
        configuration.leaves
        for configuration in space.reached
        if configuration.leaves[0] not in over
        and not any(
            asks_within_a_year(release.plan, track, leaf)
            for track, leaf in zip(tracks, configuration.leaves, strict=True)
        )
    }
    assert forgotten == set()
