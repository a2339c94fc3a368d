"""Folding from a checkpoint is folding the whole log: the same states, results, told views and effects."""

import dataclasses
import importlib
from functools import partial

import pytest

from journeys.engine import Enrollment, advance, checkpoints
from journeys.engine.checkpoints import CheckpointsInMemory, checkpoint_on_time
from tests.engine.test_against_reference import arrival_of, compiled, release_named
from tests.reference.generate import random_case

SEEDS = 100
QUICK = 5


def steps(releases, log, now, *, has_checkpoints):
    """Return every step of a log that arrives one by one, each after its time has passed; and the checkpoints used."""
    enrollment, used, done = Enrollment("e", "r1"), set(), []

    class Beginning(CheckpointsInMemory):
        def last(self, before):
            return None

    class Counting(CheckpointsInMemory):
        def events_since(self, checkpoint):
            used.add(checkpoint.folded_to)
            return super().events_since(checkpoint)

    past = Counting()
    for arrival in map(arrival_of, log):
        before = advance(releases, enrollment, tuple, (), arrival.arrived_at).enrollment
        known = past if has_checkpoints else Beginning()
        step = advance(releases, before, partial(list, past.log), [arrival], arrival.arrived_at, known)
        new = step.checkpoints or checkpoint_on_time(len(past.log), before.state, [arrival])
        past.add([arrival], new)
        done.append(dataclasses.replace(step, checkpoints=None))
        enrollment = step.enrollment
    return done, used


@pytest.mark.parametrize(
    "seed", [seed if seed < QUICK else pytest.param(seed, marks=pytest.mark.long) for seed in range(SEEDS)]
)
def test_a_step_from_a_checkpoint_is_the_step_from_the_beginning(seed, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 1)
    monkeypatch.setattr(importlib.import_module("journeys.engine.advance"), "EVERY", 1)
    case = random_case(seed)
    releases = {name: release_named(release, name) for name, release in compiled(case).items()}
    for log in [case.log, *case.orders(2)]:
        expected, _ = steps(releases, log, case.now, has_checkpoints=False)
        actual, _ = steps(releases, log, case.now, has_checkpoints=True)
        for number, (with_checkpoints, without) in enumerate(zip(actual, expected, strict=True)):
            assert with_checkpoints == without, f"seed {seed}, entry {number}"
