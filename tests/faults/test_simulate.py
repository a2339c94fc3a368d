"""A13: lives of a place that seeds choose, with crashes, repeats, other orders and steps of the clock."""

from tests.faults.counting import SEED, amount, tally
from tests.faults.simulate import Run, main


def test_a13_simulated_lives(place):
    """The seed of a run that fails is in its message; `python -m tests.faults.simulate --seed` runs it again."""
    with tally("A13", "simulated lives, by seed", place.url) as counted:
        steps = amount(60, 200)
        for seed in range(SEED, SEED + amount(2, 80)):
            run = Run(place, seed)
            run.run(steps)
            run.close(counted)
            assert run.done and not run.pending, f"seed {seed}: nothing was told, or something was left untold"
            counted.rounds += 1
            counted.notes["steps"] += steps
        assert counted.notes["calls that failed"] > 0
        assert counted.notes["restarts"] > counted.rounds > 0


def test_a_life_is_the_same_whenever_it_is_run_again(capsys):
    """What a seed chose is chosen again, faults and all."""
    said = [main(["--seed", "3", "--steps", "40"]) or capsys.readouterr().out for _ in range(2)]
    assert said[0] == said[1]
    assert said[0].startswith("seed 3: 40 steps")
