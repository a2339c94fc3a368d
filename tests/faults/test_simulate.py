"""A13: random runs of a deployment with crashes, repeated and reordered events, and clock changes."""

from tests.faults.counting import SEED, amount, tally
from tests.faults.simulate import Run, main


def test_a13_simulated_runs(deployment):
    """A failure names its seed; `python -m tests.faults.simulate --seed` repeats the run."""
    with tally("A13", "simulated runs, by seed", deployment.url) as counts:
        steps = max(60, amount(60, 200))
        latest = None
        for seed in range(SEED, SEED + max(2, amount(2, 80))):
            run = Run(deployment, seed, began=latest)
            run.run(steps)
            run.close(counts)
            assert run.done and not run.pending, f"seed {seed}: no event was sent, or some are still pending"
            latest = run.latest
            counts.rounds += 1
            counts.notes["steps"] += steps
        assert counts.notes["calls that failed"] > 0
        assert counts.notes["restarts"] > counts.rounds > 0


def test_a_seed_always_gives_the_same_run(capsys):
    outputs = [main(["--seed", "3", "--steps", "40"]) or capsys.readouterr().out for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith("seed 3: 40 steps")
