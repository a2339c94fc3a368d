"""h: 100,000 due timers on PostgreSQL, drained by one worker and by two: against a bare loop that writes the same."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

from sqlalchemy import func, select

from benchmarks.bare import Template, Written, connect, rows_of
from benchmarks.ground import ROOT, Ground, postgres_ground
from benchmarks.harness import Bench, Line, Run, against, by_turns
from service.enrollments import timers
from service.platform import clock
from service.platform.database.tables import enrollments, records

DUE = 100_000


def measure(bench: Bench) -> list[Line]:
    with postgres_ground(bench, "h_ours") as ours, postgres_ground(bench, "h_limit") as limit:
        return drain(bench, ours, limit)


@dataclass
class Draining:
    """A worker's process."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, stack: ExitStack, kind: str, url: str, *more: str) -> Draining:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.draining", kind, url, *more],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        return cls(process)

    def ask(self, count: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()

    def answer(self) -> tuple[float, int]:
        assert self.process.stdout is not None
        seconds, count = self.process.stdout.readline().split()
        return float(seconds), int(count)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def drain(bench: Bench, ours: Ground, limit: Ground) -> list[Line]:
    due = bench.count(DUE, 60)
    count = bench.count(1000, 4)
    template = due_template(ours)
    load(ours, template, due)
    same = due_template(limit)
    file = bench.folder / "h.written"
    file.write_bytes(pickle.dumps(what_firing_writes(limit, same)))
    load(limit, same, due)
    with ExitStack() as stack:
        workers = [Draining.start(stack, "ours", ours.url) for _ in range(2)]
        bare = Draining.start(stack, "bare", limit.url, str(file))
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
    assert each_fired_once(ours, due), "an enrollment was fired not once"
    ratios = [two / one for two, one in zip(figures["two"].values, figures["ours"].values, strict=True)]
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


def run_of(workers: Sequence[Draining], count: int) -> Run:
    def run(_: int) -> float:
        for worker in workers:
            worker.ask(count)
        answers = [worker.answer() for worker in workers]
        return sum(one[1] for one in answers) / max(one[0] for one in answers)

    return run


def due_template(ground: Ground) -> Template:
    """A patient in follow-up whose half year is over since some days; they joined two months ago."""
    joined = clock.present() - timedelta(days=60)
    then = replace(ground.service, clock=lambda: joined)
    enrollment = ground.enroll("due", service=then, scanned=-186, joined=-60)
    bare = connect(ground.url)
    try:
        rows = rows_of(bare, enrollment)
        bare.execute("UPDATE enrollments SET next_due_at = NULL")
        bare.commit()
    finally:
        bare.close()
    return Template(rows)


def load(ground: Ground, template: Template, count: int) -> None:
    """Stores the copies, due some time yesterday."""
    bare = connect(ground.url)
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


def what_firing_writes(ground: Ground, template: Template) -> Written:
    """The rows that the service writes for one of them."""
    enrollment = template.id(0xF0000000)
    bare = connect(ground.url)
    try:
        template.insert(bare, range(0xF0000000, 0xF0000001))
        before = rows_of(bare, enrollment)
        assert timers.fire_next(ground.service) == enrollment
        return Written.of(before, rows_of(bare, enrollment), ground.mark)
    finally:
        bare.close()


def due_in(ground: Ground) -> int:
    with ground.service.database.reading() as connection:
        asked = select(func.count()).where(enrollments.c.next_due_at <= clock.present())
        return int(connection.execute(asked).scalar() or 0)


def each_fired_once(ground: Ground, count: int) -> bool:
    """Whether the history of each has its timer, and no more."""
    with ground.service.database.reading() as connection:
        asked = select(func.count(), func.count(records.c.enrollment.distinct())).where(records.c.kind == "timer")
        lines, of = connection.execute(asked).one()
    return int(lines) == int(of) == count
