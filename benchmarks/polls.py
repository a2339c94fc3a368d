"""poll: the processor time of a 304 to a patient's app against that of the 200 with the same screen."""

from __future__ import annotations

import time

from benchmarks.calls import application, get
from benchmarks.database import sqlite_database
from benchmarks.harness import Bench, Line, Run, by_turns, cost_against

PATIENTS = 20


def measure(bench: Bench) -> list[Line]:
    count = bench.count(25, 1)
    with sqlite_database(bench, "poll") as database:
        app = application(database)
        paths = [f"/v1/enrollments/{enrollment}/view" for enrollment in database.copies(range(PATIENTS))]
        tags = {path: get(app, database.secret, path)[1]["ETag"] for path in paths}

        def run_of(status: int) -> Run:
            headers = {path: {"if_none_match": tags[path]} if status == 304 else {} for path in paths}

            def run(_: int) -> float:
                started = time.thread_time()
                for _ in range(count):
                    for path in paths:
                        assert get(app, database.secret, path, **headers[path])[0] == status
                return (time.thread_time() - started) / count / PATIENTS * 1000

            return run

        figures = by_turns(bench, {"ours": run_of(304), "limit": run_of(200)})
    return [cost_against("poll", "a 304 over a 200, in process", "ms", figures, at_most=0.35)]
