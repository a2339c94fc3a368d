"""f: the p99 of advances over HTTP at 200,000 enrollments against 1,000, compared with that of the bare view."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import servers
from benchmarks.a_advance_sqlite import batch
from benchmarks.database import BenchDatabase, sqlite_database
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
                database = stack.enter_context(sqlite_database(bench, f"f_{kind}_{name}"))
                for start in range(0, size, 10_000):
                    database.copies(range(start, min(size, start + 10_000)))
                if kind == "ours":
                    serving = stack.enter_context(servers.ours_under_waitress(database))
                else:
                    plan = bench.folder / f"f_{name}.plan"
                    serving = stack.enter_context(servers.bare_under_waitress(database, plan))
                chosen = chance.sample(range(size), size) if name == "many" else None
                runs[f"{kind}, {name}"] = p99(database, serving.port, count, size, chosen)
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
            note="milliseconds " + ", ".join(f"{name}: {figure.median:.1f}" for name, figure in figures.items()),
            rounds={name: figure.values for name, figure in figures.items()},
        )
    ]


def p99(database: BenchDatabase, port: int, count: int, size: int, chosen: Sequence[int] | None) -> Run:
    """Return a run over enrollments that were not advanced before: random ones of many, or new copies of few."""

    def run(number: int) -> float:
        numbers = batch(number, count)
        if chosen is None:
            ids = database.copies(range(size + numbers.start, size + numbers.stop))
        else:
            ids = [database.template.id(chosen[number % size]) for number in numbers]
        return send_all(port, advances(port, database.secret, ids), CLIENTS).percentile(0.99)

    return run
