"""cold: the slowest of 16 first views that a new process gets at once, against a first view alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from benchmarks.calls import application, get
from benchmarks.database import sqlite_database
from benchmarks.harness import Bench, Line, Run, by_turns, cost_against
from service.app import make_service
from service.platform import clock

CLIENTS = 16


def measure(bench: Bench) -> list[Line]:
    with sqlite_database(bench, "cold") as database:
        paths = [f"/v1/enrollments/{enrollment}/view" for enrollment in database.copies(range(CLIENTS))]

        def run_of(clients: int) -> Run:
            def run(_: int) -> float:
                service = make_service(database.config, clock=clock.present, new_id=clock.new_id)
                app, barrier = application(database, service), Barrier(clients)

                def first_view(path: str) -> float:
                    barrier.wait()
                    started = time.perf_counter()
                    get(app, database.secret, path)
                    return (time.perf_counter() - started) * 1000

                with ThreadPoolExecutor(clients) as pool:
                    slowest = max(pool.map(first_view, paths[:clients]))
                service.database.close()
                return slowest

            return run

        figures = by_turns(bench, {"ours": run_of(CLIENTS), "limit": run_of(1)})
    note = "nothing is compiled at the start; a process that is asked for readiness first has compiled its releases"
    return [cost_against("cold", f"the slowest of {CLIENTS} first views", "ms", figures, at_most=2, note=note)]
