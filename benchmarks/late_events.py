"""late: many late events of one call, which is one refold; and one late event, five back, in a short and a long log."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta

from benchmarks.d_fold import START, log, make_event
from benchmarks.database import ROOT, BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, Run, by_turns, cost_against
from journeys.definition.reading import read_journey
from journeys.engine import Enrollment, Event, Report, advance
from journeys.engine.machine import Release, make_release
from service.access.caller import Caller
from service.enrollments.report import IncomingReport, report
from service.platform.clock import present
from service.platform.process import Limits
from service.publishing.service import Service

LATE = 3_000
SHORT, LONG = 100, 10_000
BACK = 5


def measure(bench: Bench) -> list[Line]:
    return [many_at_once(bench), five_back(bench)]


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


def five_back(bench: Bench) -> Line:
    """Return the line of a late event in a long log over one in a short log, stored like any other."""
    long, short = bench.count(LONG, 20), bench.count(SHORT, 10)
    with sqlite_database(bench, "late") as database:
        service = replace(database.service, limits=Limits(events=2 * LONG))
        figures = by_turns(bench, {"ours": _back(service, database, long), "limit": _back(service, database, short)})
    case = f"a late event {BACK} back in {long:,} events over {short:,}"
    return cost_against("late", case, "ms", figures, at_most=1.5)


def _back(service: Service, database: BenchDatabase, count: int) -> Run:
    begun = present() - timedelta(days=10)
    enrollment = database.enroll(f"late-{count}")
    times = [begun + timedelta(seconds=10 * number) for number in range(count)]
    for number, at in enumerate(times):
        _report(service, database.caller, enrollment, f"e-{number}", at)

    def run(number: int) -> float:
        started = time.thread_time()
        _report(service, database.caller, enrollment, f"late-{number}", times[-BACK] - timedelta(seconds=9 - number))
        return (time.thread_time() - started) * 1000

    return run


def _report(service: Service, caller: Caller, enrollment: str, name: str, at: datetime) -> None:
    event = Report(
        id=name,
        type="needs_told",
        reporter=caller.name,
        by=caller.by,
        at=at,
        day=False,
        facts={"support_needs": ["money"]},
    )
    report(service, caller, IncomingReport(enrollment=enrollment, id=name, digest=name, request=event))
