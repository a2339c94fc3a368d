"""read32: the rate of screens that `journeys serve` answers to 32 clients, against that to 8 clients."""

from __future__ import annotations

from benchmarks import servers
from benchmarks.database import sqlite_database
from benchmarks.harness import Bench, Line, Run, against, by_turns
from benchmarks.load import request, send_all

PATIENTS = 64


def measure(bench: Bench) -> list[Line]:
    count = bench.count(1600, 64)
    with sqlite_database(bench, "read32") as database, servers.ours_under_waitress(database) as serving:
        paths = [f"/v1/enrollments/{enrollment}/view" for enrollment in database.copies(range(PATIENTS))]
        requests = [request(serving.port, database.secret, "GET", paths[number % PATIENTS]) for number in range(count)]

        def run_of(clients: int) -> Run:
            return lambda _: send_all(serving.port, requests, clients).per_second

        figures = by_turns(bench, {"ours": run_of(32), "limit": run_of(8)})
    return [against("read32", "32 clients over 8, SQLite, waitress", "requests/s", figures, reach=0.9)]
