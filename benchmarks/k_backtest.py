"""k: a backtest of 100,000 enrollments of 20 events by one process and by two, against the fold of row d."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from benchmarks.bare import Template, connect, rows_of
from benchmarks.d_fold import SCRIPT, log
from benchmarks.database import JOURNEY, ROOT, BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, against, by_turns, rate
from journeys.authoring.lint import PLAY_RULES, lint_files
from journeys.definition.reading import read_journey
from journeys.engine import Report, refold
from journeys.engine.machine import make_release
from service.enrollments import report as reporting
from service.enrollments import timers
from service.enrollments.report import IncomingReport
from service.platform import clock
from service.releases import backtest
from service.releases.backtest import Candidate

PATIENTS = 100_000
EVENTS = 20
#: The next release changes something for one patient in so many.
ONE_IN = 10
#: The next release reminds patients with a booked scan earlier.
BEFORE, AFTER = (f"delay: {delay}, from: scan_booked_for, remind" for delay in ("-P3D", "-P5D"))


def measure(bench: Bench) -> list[Line]:
    with patients(bench, "k_some", bench.count(5_000, 3)) as sample:
        candidate = next_release()
        figures = by_turns(
            bench, {"ours": lambda _: backtest_rate(sample, candidate), "limit": lambda _: fold_rate(bench)}
        )
    with patients(bench, "k_all", bench.count(PATIENTS, 4)) as complete:
        two = backtest_rate(complete, candidate, workers=2)
    line = against(
        "k", "backtest, one process", "events/s", figures, reach=0.7, note="from the beginning, and migrated"
    )
    return [
        line,
        Line(
            row="k",
            case="two processes against one",
            unit="events/s",
            ours=two,
            limit=line.ours,
            score=two / line.ours,
            reach=1.7,
            note=f"{bench.count(PATIENTS, 4):,} enrollments of {EVENTS} events; the start of the workers is included",
        ),
    ]


def backtest_rate(database: BenchDatabase, candidate: Candidate, *, workers: int = 1) -> float:
    """Return the events per second that a backtest folds."""
    started = time.perf_counter()
    result = backtest.run_backtest(database.service, JOURNEY, candidate, {}, workers=workers)
    assert result.events == result.people * EVENTS and result.differing_moved == -(-result.people // ONE_IN)
    return result.events / (time.perf_counter() - started)


def fold_rate(bench: Bench) -> float:
    """Return the rate of row d."""
    journey, _ = read_journey((ROOT / "definitions" / "nsclc.yaml").read_bytes(), "nsclc.yaml")
    assert journey is not None
    release, events, count = make_release(journey), log(), bench.count(300, 2)

    def fold() -> None:
        for _ in range(count):
            refold({release.id: release}, release.id, events, events[-1].at)

    return rate(count * len(events), fold)


def next_release() -> Candidate:
    """Return a changed release of the shipped journey with its pieces."""
    linted = lint_files(ROOT / "definitions" / f"{JOURNEY}.yaml", ROOT / "content", rules=PLAY_RULES)
    text = (ROOT / "definitions" / f"{JOURNEY}.yaml").read_text()
    assert BEFORE in text
    return Candidate(
        definition=text.replace(BEFORE, AFTER).encode(),
        file="next.yaml",
        pieces=tuple(source.to_stored() for source in linted.sources),
    )


@contextmanager
def patients(bench: Bench, name: str, count: int) -> Iterator[BenchDatabase]:
    """Open a file with `count` patients with weekly events over half a year; every tenth has a scan booked."""
    with sqlite_database(bench, name) as database:
        bare = connect(database.url)
        row_sets = [rows_of(bare, enroll_patient(database, first)) for first in (0, 10)]
        for table in ("checkpoints", "shown", "reminders", "tasks", "records", "events", "enrollments"):
            bare.execute(f"DELETE FROM {table}")
        unread: dict[str, list[Any]] = {table: [] for table in ("records", "tasks", "reminders", "shown")}
        booked, not_booked = (Template(rows | unread) for rows in row_sets)
        booked_count = -(-count // ONE_IN)
        booked.insert(bare, range(booked_count))
        not_booked.insert(bare, range(booked_count, count))
        bare.close()
        yield database


def enroll_patient(database: BenchDatabase, first: int) -> str:
    """Enroll a patient in follow-up who reports the script from line `first` on; return the enrollment."""
    weeks = (EVENTS + 8) * 7
    enrollment = database.enroll(f"from-{first}", service=at(database, -weeks), scanned=-weeks - 30, joined=-weeks)
    for number in range(1, EVENTS):
        trigger, facts = SCRIPT[(first + number - 1) % len(SCRIPT)]
        now = clock.present() + timedelta(days=7 * number - weeks)
        days = {"last_scan_on": now.date(), "scan_booked_for": now.date() + timedelta(weeks=24)}
        facts_reported = {name: days[name].isoformat() if name in days else value for name, value in facts.items()}
        report(database, enrollment, f"e{number}", trigger, now, facts_reported)
    while timers.fire_next(database.service) is not None:
        pass
    return enrollment


def at(database: BenchDatabase, days: int) -> Any:
    return replace(database.service, clock=lambda: clock.present() + timedelta(days=days))


def report(
    database: BenchDatabase, enrollment: str, id: str, trigger: str, now: datetime, facts: dict[str, Any]
) -> None:
    caller = replace(database.caller, scopes=frozenset({"staff", "report", "read"}), by="staff")
    request = Report(id=id, type=trigger, reporter=caller.name, by=caller.by, at=now, facts=facts)
    incoming = IncomingReport(enrollment=enrollment, id=id, digest=id, request=request)
    reporting.report(replace(database.service, clock=lambda: now), caller, incoming)
