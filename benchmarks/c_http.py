"""c: an advance over HTTP by eight clients, against a bare Flask view with the bare driver on the same server."""

from __future__ import annotations

from benchmarks import servers
from benchmarks.a_advance_sqlite import batch
from benchmarks.database import BenchDatabase, postgres_database, sqlite_database
from benchmarks.harness import Bench, Line, Run, against, by_turns
from benchmarks.load import advances, send_all
from benchmarks.servers import Serving

CLIENTS = 8


def measure(bench: Bench) -> list[Line]:
    lines = []
    with (
        sqlite_database(bench, "c_ours") as ours,
        sqlite_database(bench, "c_limit") as limit,
        servers.ours_under_waitress(ours) as serving,
        servers.bare_under_waitress(limit, bench.folder / "c_sqlite.plan") as bare,
    ):
        lines.append(advance(bench, "SQLite, waitress", run_of(bench, ours, serving), run_of(bench, limit, bare)))
    with (
        postgres_database(bench, "c_ours") as ours,
        postgres_database(bench, "c_limit") as limit,
        servers.ours_under_gunicorn(ours) as serving,
        servers.bare_under_gunicorn(limit, bench.folder / "c_postgres.plan") as bare,
    ):
        lines.append(advance(bench, "PostgreSQL, gunicorn", run_of(bench, ours, serving), run_of(bench, limit, bare)))
    return lines


def advance(bench: Bench, case: str, ours: Run, limit: Run) -> Line:
    figures = by_turns(bench, {"ours": ours, "limit": limit})
    return against("c", f"{case}, {CLIENTS} clients", "requests/s", figures, reach=0.5, aim=0.7)


def run_of(bench: Bench, database: BenchDatabase, serving: Serving) -> Run:
    count = bench.count(1200, 16)

    def run(number: int) -> float:
        enrollments = database.copies(batch(number, count))
        return send_all(serving.port, advances(serving.port, database.secret, enrollments), CLIENTS).per_second

    return run
