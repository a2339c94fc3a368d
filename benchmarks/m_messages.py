"""m: messages through the gate to a channel that takes everything at once, against one bare commit for each message; to
a mail server, against a bare loop to the same server; by two workers; and how long sending holds SQLite's lock."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from benchmarks.bare import closed, connect, is_sqlite
from benchmarks.database import BenchDatabase, postgres_database, sqlite_database
from benchmarks.drainers import DrainingProcess, run_of
from benchmarks.harness import Bench, Line, Run, against, by_turns, rate
from benchmarks.sending import Counting, mail_outbox
from benchmarks.servers import free_port
from journeys.permission import ConsentText, PermissionEntry
from service.enrollments import timers
from service.enrollments.store import enrollments
from service.operations.sender import Sender
from service.outreach.mail import MailChannel, MailServer
from service.outreach.mail_message import MailSender, mail_bytes, tagged_mailbox
from service.outreach.occasions import schedule_occasions
from service.outreach.schedule import schedule_reminders
from service.permission.ledger import add_to_ledger
from service.persons.store import PersonContact, add_contact, lock_person
from service.platform import clock
from service.platform.database import Database

SCANNED = -199
#: Days from today to the last scan of somebody whose reminder fell due in the last days.
LOCK_MILLISECONDS = 20
SLOW_SECONDS = 0.05
#: What a provider of text messages takes for a call.
SENDER = MailSender(name="Care", address="care@guide.example", bounce_mailbox="bounce@guide.example", secret=b"s" * 32)


def measure(bench: Bench) -> list[Line]:
    with smtp_server() as port:
        with sqlite_database(bench, "m_ours") as ours:
            lines = [
                over_commits(bench, "SQLite", ours, reach=0.3),
                over_bare_mail(bench, "SQLite", ours, port, reach=0.7),
                held_lock(bench, ours),
            ]
        with postgres_database(bench, "m_ours") as ours:
            lines += [
                over_commits(bench, "PostgreSQL", ours, reach=0.2),
                over_bare_mail(bench, "PostgreSQL", ours, port, reach=0.5),
                two_over_one(bench, ours),
            ]
    return lines


def over_commits(bench: Bench, case: str, database: BenchDatabase, *, reach: float) -> Line:
    """Return the line of a null channel over one commit a message."""
    count = bench.count(600, 2)
    bare = connect(database.url)
    try:
        ours = _sends(database, Counting(), count, "commits")
        figures = by_turns(bench, {"ours": ours, "limit": _commits(database, bare, count)})
    finally:
        closed(bare)
    return against("m", f"{case}, a null channel over one commit", "messages/s", figures, reach=reach)


def over_bare_mail(bench: Bench, case: str, database: BenchDatabase, port: int, *, reach: float) -> Line:
    """Return the line of mail over a bare loop that sends the last mail again and again by one connection."""
    count = bench.count(600, 2)
    mail = MailChannel(MailServer(host="127.0.0.1", port=port, security="none"), SENDER, clock.present)
    channel = Counting(mail)
    runs = {"ours": _sends(database, channel, count, "mail"), "limit": _bare_mail(channel, port, count)}
    figures = by_turns(bench, runs)
    mail.close()
    return against("m", f"{case}, mail over a bare loop to the server", "mails/s", figures, reach=reach)


def two_over_one(bench: Bench, database: BenchDatabase) -> Line:
    """Return the line of two processes over one, whose provider takes `SLOW_SECONDS` for a call."""
    count = bench.count(800, 2)
    with ExitStack() as stack:
        workers = [DrainingProcess.start(stack, "sends", database.url, str(SLOW_SECONDS)) for _ in range(2)]
        runs = {
            "ours": _prepared(database, "two", count, run_of(workers, count)),
            "limit": _prepared(database, "one", count, run_of(workers[:1], count)),
        }
        figures = by_turns(bench, runs)
        for worker in workers:
            worker.end()
    return against("m", "PostgreSQL, two workers over one", "messages/s", figures, reach=1.7)


def held_lock(bench: Bench, database: BenchDatabase) -> Line:
    """Return the line of the longest time for which sending holds the lock of SQLite, the median of several runs."""

    def run(number: int) -> float:
        durations: list[float] = []
        with _timed(database.service.database, durations):
            send(number)
        return max(durations) * 1000

    send = _sends(database, Counting(), bench.count(300, 2), "lock")
    figure = by_turns(bench, {"lock": run})["lock"]
    return Line(
        row="m",
        case="SQLite, the longest hold of the lock",
        unit="ms",
        ours=figure.median,
        limit=None,
        score=figure.median,
        reach=LOCK_MILLISECONDS,
        at_most=True,
        rounds={"ours": figure.values},
    )


@contextmanager
def _timed(database: Database, durations: list[float]) -> Iterator[None]:
    """Notes how long each transaction of the sender holds the lock."""
    writing = type(database).writing

    @contextmanager
    def timed(self: Database) -> Iterator[Any]:
        with writing(self) as connection:
            began = time.perf_counter()
            yield connection
        if threading.current_thread() is not threading.main_thread():
            durations.append(time.perf_counter() - began)

    type(database).writing = timed  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        type(database).writing = writing  # type: ignore[method-assign]


def _prepared(database: BenchDatabase, name: str, count: int, run: Run) -> Run:
    """Some messages are due before each round."""

    def prepared(number: int) -> float:
        for patient in range(count):
            reach_patient(database, f"m-{name}-{number}-{patient}")
        while timers.fire_next(database.service):
            pass
        for schedule in (schedule_reminders, schedule_occasions):
            while schedule(database.service):
                pass
        return run(number)

    return prepared


def _sends(database: BenchDatabase, channel: Counting, count: int, name: str) -> Run:
    outbox = mail_outbox(database.service, channel)

    def run(_: int) -> float:
        expected = channel.taken + count

        def work() -> None:
            sender = Sender(outbox, interval=0.01)
            sender.start()
            channel.wait(expected)
            sender.stop()

        return rate(count, work)

    return _prepared(database, name, count, run)


def reach_patient(database: BenchDatabase, name: str) -> None:
    """Enroll a patient whose reminder is due, and who allows mail."""
    enrollment = database.enroll(name, scanned=SCANNED, joined=SCANNED + 5)
    now = clock.present()
    with database.service.database.writing() as connection:
        stored = enrollments.load(connection, enrollment)
        assert stored is not None and stored.person is not None
        person = lock_person(connection, stored.person)
        assert person is not None
        contact = PersonContact(
            id=clock.new_id(),
            person=person.id,
            channel="email",
            address=f"{name}@example.org",
            verified_by="word",
            status="good",
            created_at=now,
        )
        add_contact(connection, contact, name)
        entry = PermissionEntry(
            id=clock.new_id(),
            kind="grant",
            by="patient",
            method="app",
            occurred_at=now,
            text=ConsentText("messages", "1", "0" * 64, "en"),
        )
        add_to_ledger(connection, person, entry, now)


def _commits(database: BenchDatabase, bare: Any, count: int) -> Run:
    bare.execute("CREATE TABLE m_bare (id TEXT PRIMARY KEY, value TEXT)")
    if not is_sqlite(database.url):
        bare.commit()

    def run(number: int) -> float:
        def work() -> None:
            for message in range(count):
                if is_sqlite(database.url):
                    bare.execute("BEGIN IMMEDIATE")
                values = (f"{number}-{message}", "x" * 500)
                bare.execute(f"INSERT INTO m_bare VALUES ({database.mark}, {database.mark})", values)
                bare.commit()

        return rate(count, work)

    return run


def _bare_mail(channel: Counting, port: int, count: int) -> Run:
    def run(_: int) -> float:
        assert channel.last is not None
        envelope, key = channel.last
        content = mail_bytes(envelope, key, SENDER, clock.present())
        bounces_to = tagged_mailbox(SENDER.bounce_mailbox, key, SENDER.secret)

        def work() -> None:
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                for _ in range(count):
                    smtp.sendmail(bounces_to, [envelope.address], content)

        return rate(count, work)

    return run


@contextmanager
def smtp_server() -> Iterator[int]:
    """Run a mail server that keeps nothing, as a process of its own; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
