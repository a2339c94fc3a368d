"""A13: lives of a place that seeds choose, with crashes, repeats, other orders and steps of the clock."""

from tests.faults.counting import SEED, amount, tally
from tests.faults.simulate import Run


def test_a13_simulated_lives(place):
    """The seed of a run that fails is in its message; `python -m tests.faults.simulate --seed` runs it again."""
    with tally("A13", "simulated lives, by seed", place.url) as counted:
        steps = amount(60, 200)
        for seed in range(SEED, SEED + amount(2, 250)):
            run = Run(place, seed)
            run.run(steps)
            run.close(counted)
            counted.rounds += 1
            counted.notes["steps"] += steps
