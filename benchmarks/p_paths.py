"""p: the paths that cover every pair of transitions of a journey, each replayed with the engine, on one core."""

from __future__ import annotations

import statistics
import time

from benchmarks.database import JOURNEY, ROOT
from benchmarks.harness import Bench, Line
from journeys.analysis.paths import cover
from journeys.authoring.lint import PLAY_RULES, lint_files
from journeys.engine.machine import make_release

LIMIT = 2
#: Seconds of one core.


def measure(bench: Bench) -> list[Line]:
    release = make_release(
        lint_files(ROOT / "definitions" / f"{JOURNEY}.yaml", ROOT / "content", rules=PLAY_RULES).journey
    )
    rounds: list[float] = []
    for _ in range(bench.rounds):
        started = time.process_time()
        covered = cover(release, "states" if bench.smoke else "pairs")
        rounds.append(time.process_time() - started)
    events = sum(len(path.events) for path in covered.paths)
    median = statistics.median(rounds)
    return [
        Line(
            row="p",
            case="the pair cover",
            unit="s",
            ours=median,
            limit=None,
            score=median,
            reach=LIMIT,
            at_most=True,
            note=f"{len(covered.paths)} paths of {events} events; {len(covered.impossible)} pairs are impossible",
            rounds={"ours": tuple(rounds)},
        )
    ]
