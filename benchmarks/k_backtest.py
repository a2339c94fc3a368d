"""k: 100,000 enrollments of 20 events tried under another release, by one process and two: against row d's fold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from benchmarks.bare import Template, connect, rows_of
from benchmarks.d_fold import SCRIPT, log
from benchmarks.ground import JOURNEY, ROOT, Ground, sqlite_ground
from benchmarks.harness import Bench, Line, against, by_turns, rate
from journeys.authoring.lint import lint_files
from journeys.definition.reading import read_journey
from journeys.engine import Report, refold
from journeys.engine.machine import make_release
from service.enrollments import report as reporting
from service.enrollments import timers
from service.enrollments.report import IncomingReport
from service.platform import clock
from service.releases import backtest
from service.releases.backtest import Candidate

PEOPLE = 100_000
EVENTS = 20
#: One person in so many is one whom the next release changes anything for.
ONE_IN = 10
#: The next release: who has a scan booked is reminded sooner.
BEFORE, AFTER = (f"delay: {delay}, from: scan_booked_for, remind" for delay in ("-P3D", "-P5D"))


def measure(bench: Bench) -> list[Line]:
    with people(bench, "k_some", bench.count(5_000, 3)) as some:
        candidate = next_release()
        figures = by_turns(bench, {"ours": lambda _: tried(some, candidate), "limit": lambda _: folded(bench)})
    with people(bench, "k_all", bench.count(PEOPLE, 4)) as everybody:
        two = tried(everybody, candidate, workers=2)
    line = against("k", "backtest, one process", "events/s", figures, reach=0.7, note="as it would be, and moved now")
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
            note=f"{bench.count(PEOPLE, 4):,} enrollments of {EVENTS} events, their start counted in",
        ),
    ]


def tried(ground: Ground, candidate: Candidate, *, workers: int = 1) -> float:
    """How many events a second a backtest folds."""
    started = time.perf_counter()
    found = backtest.backtest(ground.service, JOURNEY, candidate, {}, workers=workers)
    assert found.events == found.people * EVENTS and found.differing_moved == -(-found.people // ONE_IN)
    return found.events / (time.perf_counter() - started)


def folded(bench: Bench) -> float:
    """The rate of row d."""
    journey, _ = read_journey((ROOT / "definitions" / "nsclc.yaml").read_bytes(), "nsclc.yaml")
    assert journey is not None
    release, events, count = make_release(journey), log(), bench.count(300, 2)

    def fold() -> None:
        for _ in range(count):
            refold({release.id: release}, release.id, events, events[-1].at)

    return rate(count * len(events), fold)


def next_release() -> Candidate:
    """The shipped journey, changed in places, with its pieces."""
    linted = lint_files(ROOT / "definitions" / f"{JOURNEY}.yaml", ROOT / "content")
    text = (ROOT / "definitions" / f"{JOURNEY}.yaml").read_text()
    assert BEFORE in text
    return Candidate(
        definition=text.replace(BEFORE, AFTER).encode(),
        file="next.yaml",
        pieces=tuple(one.to_stored() for one in linted.sources),
    )


@contextmanager
def people(bench: Bench, name: str, count: int) -> Iterator[Ground]:
    """A file with so many people, each with half a year of events, a week apart; every tenth has a scan booked."""
    with sqlite_ground(bench, name) as ground:
        bare = connect(ground.url)
        found = [rows_of(bare, somebody(ground, first)) for first in (0, 10)]
        for table in ("shown", "reminders", "tasks", "records", "events", "enrollments"):
            bare.execute(f"DELETE FROM {table}")
        unread: dict[str, list[Any]] = {table: [] for table in ("records", "tasks", "reminders", "shown")}
        booked, well = (Template(rows | unread) for rows in found)
        few = -(-count // ONE_IN)
        booked.insert(bare, range(few))
        well.insert(bare, range(few, count))
        bare.close()
        yield ground


def somebody(ground: Ground, first: int) -> str:
    """A patient in follow-up who reports what the script says from some line on; gives the enrollment."""
    weeks = (EVENTS + 8) * 7
    enrollment = ground.enroll(f"from-{first}", service=at(ground, -weeks), scanned=-weeks - 30, joined=-weeks)
    for number in range(1, EVENTS):
        trigger, facts = SCRIPT[(first + number - 1) % len(SCRIPT)]
        now = clock.present() + timedelta(days=7 * number - weeks)
        days = {"last_scan_on": now.date(), "scan_booked_for": now.date() + timedelta(weeks=24)}
        told = {name: days[name].isoformat() if name in days else value for name, value in facts.items()}
        report(ground, enrollment, f"e{number}", trigger, now, told)
    while timers.fire_next(ground.service) is not None:
        pass
    return enrollment


def at(ground: Ground, days: int) -> Any:
    return replace(ground.service, clock=lambda: clock.present() + timedelta(days=days))


def report(ground: Ground, enrollment: str, id: str, trigger: str, now: datetime, facts: dict[str, Any]) -> None:
    caller = replace(ground.caller, scopes=frozenset({"staff", "report", "read"}), by="staff")
    request = Report(id=id, type=trigger, reporter=caller.name, by=caller.by, at=now, facts=facts)
    incoming = IncomingReport(enrollment=enrollment, id=id, digest=id, request=request)
    reporting.report(replace(ground.service, clock=lambda: now), caller, incoming)
