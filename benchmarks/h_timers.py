"""h: 100,000 due timers on PostgreSQL, drained by one worker and by two, against a bare loop with the same writes."""

from __future__ import annotations

import pickle
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from statistics import median

from sqlalchemy import func, select

from benchmarks.bare import Template, Written, connect, rows_of
from benchmarks.database import BenchDatabase, postgres_database
from benchmarks.drainers import DrainingProcess, run_of
from benchmarks.harness import Bench, Line, against, by_turns
from service.enrollments import timers
from service.platform import clock
from service.platform.database.tables import enrollments, records

DUE = 100_000


def measure(bench: Bench) -> list[Line]:
    with postgres_database(bench, "h_ours") as ours, postgres_database(bench, "h_limit") as limit:
        return drain(bench, ours, limit)


def drain(bench: Bench, ours: BenchDatabase, limit: BenchDatabase) -> list[Line]:
    due = bench.count(DUE, 60)
    count = bench.count(1000, 4)
    template = due_template(ours)
    load(ours, template, due)
    same = due_template(limit)
    file = bench.folder / "h.written"
    file.write_bytes(pickle.dumps(writes_of_a_firing(limit, same)))
    load(limit, same, due)
    with ExitStack() as stack:
        workers = [DrainingProcess.start(stack, "ours", ours.url) for _ in range(2)]
        bare = DrainingProcess.start(stack, "bare", limit.url, str(file))
        figures = by_turns(
            bench,
            {"limit": run_of([bare], count), "ours": run_of(workers[:1], count), "two": run_of(workers, count)},
        )
        left = due_in(ours)
        started = time.perf_counter()
        for worker in workers:
            worker.ask(due)
        fired = sum(worker.answer()[1] for worker in workers)
        seconds = time.perf_counter() - started
        for worker in (*workers, bare):
            worker.end()
    assert fired == left and due_in(ours) == 0, (fired, left, due_in(ours))
    assert each_fired_once(ours, due), "An enrollment did not fire exactly once."
    ratios = [two / single for two, single in zip(figures["two"].values, figures["ours"].values, strict=True)]
    note = f"of {due:,} due, the last {left:,} were drained by two workers in {seconds:.0f} s; each fired exactly once"
    return [
        against("h", "one worker", "timers/s", figures, reach=0.4),
        Line(
            row="h",
            case="two workers against one",
            unit="timers/s",
            ours=figures["two"].median,
            limit=figures["ours"].median,
            score=median(ratios),
            reach=1.6,
            note=note,
            rounds={"two": figures["two"].values, "one": figures["ours"].values},
        ),
    ]


def due_template(database: BenchDatabase) -> Template:
    """Return the rows of a patient who joined three weeks ago and whose next scan is some days overdue."""
    joined = clock.present() - timedelta(days=20)
    then = replace(database.service, clock=lambda: joined)
    enrollment = database.enroll("due", service=then, scanned=-186, joined=-20)
    bare = connect(database.url)
    try:
        rows = rows_of(bare, enrollment)
        bare.execute("UPDATE enrollments SET next_due_at = NULL")
        bare.commit()
    finally:
        bare.close()
    return Template(rows)


def load(database: BenchDatabase, template: Template, count: int) -> None:
    """Store the copies, due at random times yesterday."""
    bare = connect(database.url)
    try:
        template.insert(bare, range(count))
        bare.execute(
            "UPDATE enrollments SET next_due_at = now() - interval '1 day' - random() * interval '1 hour' "
            "WHERE next_due_at <= now()"
        )
        bare.commit()
        bare.autocommit = True
        bare.execute("VACUUM ANALYZE")
    finally:
        bare.close()


def writes_of_a_firing(database: BenchDatabase, template: Template) -> Written:
    """Return the rows that the service writes for one firing."""
    enrollment = template.id(0xF0000000)
    bare = connect(database.url)
    try:
        template.insert(bare, range(0xF0000000, 0xF0000001))
        before = rows_of(bare, enrollment)
        assert timers.fire_next(database.service) == enrollment
        return Written.of(before, rows_of(bare, enrollment), database.mark)
    finally:
        bare.close()


def due_in(database: BenchDatabase) -> int:
    with database.service.database.reading() as connection:
        query = select(func.count()).where(enrollments.c.next_due_at <= clock.present())
        return int(connection.execute(query).scalar() or 0)


def each_fired_once(database: BenchDatabase, count: int) -> bool:
    """Return whether the history of each enrollment has exactly one timer."""
    with database.service.database.reading() as connection:
        query = select(func.count(), func.count(records.c.enrollment.distinct())).where(records.c.kind == "timer")
        lines, fired_enrollments = connection.execute(query).one()
    return int(lines) == int(fired_enrollments) == count
