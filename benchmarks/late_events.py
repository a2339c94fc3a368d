"""late: many late events of one call, which are one refold; one late event, five back, in a short and a long log; and
how long SQLite's other writers wait while a batch of late events arrives in a long log."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from benchmarks.d_fold import START, log, make_event
from benchmarks.database import ROOT, BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, Run, by_turns, cost_against
from journeys.definition.reading import read_journey
from journeys.engine import Enrollment, Event, Report, advance
from journeys.engine.machine import Release, make_release
from service.access.caller import Caller
from service.enrollments.answers import ReportAnswer
from service.enrollments.report import IncomingReport, report
from service.enrollments.together import report_all
from service.platform.clock import present
from service.platform.process import Limits
from service.publishing.service import Service

LATE = 3_000
SHORT, LONG = 100, 10_000
BACK = 5
BATCH = 500
LOCK_MILLISECONDS = 50


def measure(bench: Bench) -> list[Line]:
    return [many_at_once(bench), *long_log(bench)]


def many_at_once(bench: Bench) -> Line:
    """Return the line of twice as many late events, which happened before all others, in one call."""
    file = ROOT / "definitions" / "nsclc.yaml"
    journey, _ = read_journey(file.read_bytes(), file.name)
    assert journey is not None
    release = make_release(journey)
    count = bench.count(LATE, 40)
    figures = by_turns(bench, {"ours": _many(release, count), "limit": _many(release, count // 2)})
    return cost_against("late", f"{count:,} late events of one call over half as many", "ms", figures, at_most=2.3)


def _many(release: Release, count: int) -> Run:
    releases, events = {release.id: release}, log()
    now = events[-1].at + timedelta(days=1)
    enrollment = advance(releases, Enrollment("an-enrollment", release.id), tuple, events, now).enrollment
    late = [_need(f"late-{number}", START + timedelta(seconds=number + 1)) for number in range(count)]

    def run(_: int) -> float:
        started = time.thread_time()
        advance(releases, enrollment, lambda: events, late, now)
        return (time.thread_time() - started) * 1000

    return run


def _need(name: str, at: datetime) -> Event:
    return make_event(name, "needs_told", at, {"support_needs": ["money"]}, {})


def long_log(bench: Bench) -> list[Line]:
    """Return the lines of a late event in a long log over one in a short log, and of the lock during a late batch."""
    long, short = bench.count(LONG, 20), bench.count(SHORT, 10)
    with sqlite_database(bench, "late") as database:
        service = replace(database.service, limits=Limits(events=2 * LONG))
        figures = by_turns(bench, {"ours": _back(service, database, long), "limit": _back(service, database, short)})
        case = f"a late event {BACK} back in {long:,} events over {short:,}"
        return [
            cost_against("late", case, "ms", figures, at_most=1.5),
            longest_lock(bench, service, database),
        ]


def longest_lock(bench: Bench, service: Service, database: BenchDatabase) -> Line:
    """Return the line of the longest time for which other writers wait while late events of all times arrive."""
    enrollment, times = _filled(service, database, bench.count(LONG - BATCH, 20))
    writer: Any = service.database._writer
    lock = writer.lock
    held = writer.lock = HeldLock(lock)
    every = len(times) // bench.count(BATCH, 5)
    late = [
        _incoming(database.caller, enrollment, f"batch-{number}", at - timedelta(seconds=5))
        for number, at in enumerate(times[::every])
    ]
    started = time.perf_counter()
    answers = report_all(service, database.caller, late)
    writer.lock = lock
    assert all(isinstance(answer, ReportAnswer) for answer in answers)
    longest = held.longest * 1000
    return Line(
        row="late",
        case=f"the write lock, during {len(late)} late events in a log of {len(times):,}",
        unit="ms",
        ours=longest,
        limit=None,
        score=longest,
        reach=LOCK_MILLISECONDS,
        at_most=True,
        note=f"the batch took {time.perf_counter() - started:.1f} s",
    )


class HeldLock:
    """A lock that remembers for how many seconds it was held at the longest."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self._since = 0.0
        self.longest = 0.0

    def acquire(self) -> None:
        self._lock.acquire()
        self._since = time.perf_counter()

    def release(self) -> None:
        self.longest = max(self.longest, time.perf_counter() - self._since)
        self._lock.release()


def _back(service: Service, database: BenchDatabase, count: int) -> Run:
    enrollment, times = _filled(service, database, count)

    def run(number: int) -> float:
        late = _incoming(database.caller, enrollment, f"late-{number}", times[-BACK] - timedelta(seconds=9 - number))
        started = time.thread_time()
        report(service, database.caller, late)
        return (time.thread_time() - started) * 1000

    return run


def _filled(service: Service, database: BenchDatabase, count: int) -> tuple[str, list[datetime]]:
    """An enrollment with a number of events in order of time, and their times."""
    begun = present() - timedelta(days=10)
    enrollment = database.enroll(f"late-{count}")
    times = [begun + timedelta(seconds=10 * number) for number in range(count)]
    for number, at in enumerate(times):
        report(service, database.caller, _incoming(database.caller, enrollment, f"e-{number}", at))
    return enrollment, times


def _incoming(caller: Caller, enrollment: str, name: str, at: datetime) -> IncomingReport:
    event = Report(
        id=name,
        type="needs_told",
        reporter=caller.name,
        by=caller.by,
        at=at,
        day=False,
        facts={"support_needs": ["money"]},
    )
    return IncomingReport(enrollment=enrollment, id=name, digest=name, request=event)
