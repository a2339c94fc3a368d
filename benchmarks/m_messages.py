"""m: messages through the gate to a channel that takes everything at once, against one bare commit for each message."""

from __future__ import annotations

import threading
from typing import Any

from benchmarks.bare import closed, connect, is_sqlite
from benchmarks.database import BenchDatabase, postgres_database, sqlite_database
from benchmarks.harness import Bench, Line, Run, against, by_turns, rate
from journeys.permission import ConsentText, PermissionEntry
from service.enrollments import timers
from service.enrollments.store import enrollments
from service.operations.sender import Sender
from service.outreach.occasions import schedule_occasions
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.port import Accepted, Envelope
from service.outreach.schedule import schedule_reminders
from service.permission.record import add_to_ledger
from service.persons.store import PersonContact, add_contact, lock_person
from service.platform import clock

SCANNED = -199
#: Days from today to the last scan of somebody whose reminder fell due in the last days.


class NullChannel:
    """A channel whose provider takes everything at once."""

    def __init__(self) -> None:
        self._taken = 0
        self._changed = threading.Condition()

    def send(self, envelope: Envelope, key: str) -> Accepted:
        with self._changed:
            self._taken += 1
            self._changed.notify_all()
        return Accepted(key)

    def wait(self, count: int) -> None:
        """Waits until it took some messages."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._taken >= count, 120), self._taken


def measure(bench: Bench) -> list[Line]:
    with sqlite_database(bench, "m_ours") as ours:
        lines = [messages(bench, "SQLite", ours, reach=0.3)]
    with postgres_database(bench, "m_ours") as ours:
        return [*lines, messages(bench, "PostgreSQL", ours, reach=0.2)]


def messages(bench: Bench, case: str, database: BenchDatabase, *, reach: float) -> Line:
    count = bench.count(150, 2)
    bare = connect(database.url)
    try:
        figures = by_turns(bench, {"ours": _sends(database, count), "limit": _commits(database, bare, count)})
    finally:
        closed(bare)
    return against("m", f"{case}, a null channel over one commit", "messages/s", figures, reach=reach)


def _sends(database: BenchDatabase, count: int) -> Run:
    channel = NullChannel()
    outbox = Outbox(
        service=database.service,
        channels={"email": ChannelSetup(channel)},
        public_url="https://guide.example",
        unsubscribe_mailbox="stop@guide.example",
    )

    def run(number: int) -> float:
        for patient in range(count):
            reach_patient(database, f"m-{number}-{patient}")
        while timers.fire_next(database.service):
            pass
        for schedule in (schedule_reminders, schedule_occasions):
            while schedule(database.service):
                pass

        def work() -> None:
            sender = Sender(outbox, interval=0.01)
            sender.start()
            channel.wait(count * (number + 1))
            sender.stop()

        return rate(count, work)

    return run


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
