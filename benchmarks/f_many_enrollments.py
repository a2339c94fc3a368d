"""f: how much slower the slowest advances over HTTP are at 200,000 enrollments than at 1,000; and the bare view's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import servers
from benchmarks.a_advance_sqlite import batch
from benchmarks.ground import Ground, sqlite_ground
from benchmarks.harness import Bench, Line, Run, by_turns
from benchmarks.load import advances, send_all

FEW, MANY = 1_000, 200_000
CLIENTS = 2


def measure(bench: Bench) -> list[Line]:
    few, many = bench.count(FEW, 20), bench.count(MANY, 40)
    count = bench.count(400, 6)
    chance = random.Random(1)
    with ExitStack() as stack:
        runs: dict[str, Run] = {}
        for size, name in ((few, "few"), (many, "many")):
            for kind in ("ours", "bare"):
                ground = stack.enter_context(sqlite_ground(bench, f"f_{kind}_{name}"))
                for start in range(0, size, 10_000):
                    ground.copies(range(start, min(size, start + 10_000)))
                if kind == "ours":
                    serving = stack.enter_context(servers.ours_under_waitress(ground))
                else:
                    plan = bench.folder / f"f_{name}.plan"
                    serving = stack.enter_context(servers.bare_under_waitress(ground, plan))
                chosen = chance.sample(range(size), size) if name == "many" else None
                runs[f"{kind}, {name}"] = p99(ground, serving.port, count, size, chosen)
        figures = by_turns(bench, runs)
    ours = figures["ours, many"].median / figures["ours, few"].median
    bare = figures["bare, many"].median / figures["bare, few"].median
    return [
        Line(
            row="f",
            case=f"p99 at {many:,} against {few:,}",
            unit="times",
            ours=ours,
            limit=bare,
            score=ours / bare,
            reach=1.3,
            at_most=True,
            note="milliseconds " + ", ".join(f"{name}: {one.median:.1f}" for name, one in figures.items()),
            rounds={name: one.values for name, one in figures.items()},
        )
    ]


def p99(ground: Ground, port: int, count: int, size: int, chosen: Sequence[int] | None) -> Run:
    """Advances some enrollments that were not advanced before: of many, any; of few, new ones."""

    def run(number: int) -> float:
        numbers = batch(number, count)
        if chosen is None:
            ids = ground.copies(range(size + numbers.start, size + numbers.stop))
        else:
            ids = [ground.template.id(chosen[one % size]) for one in numbers]
        return send_all(port, advances(port, ground.secret, ids), CLIENTS).percentile(0.99)

    return run
