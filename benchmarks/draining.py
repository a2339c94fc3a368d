"""A process that does a requested number of things and prints the seconds: fires timers, as a worker or a bare loop, or
sends messages."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.bare import Written, connect
from benchmarks.database import quiet
from benchmarks.sending import Counting, mail_outbox
from service.app import make_service
from service.enrollments import timers
from service.operations.sender import Sender
from service.outreach.states import SCHEDULED
from service.platform import clock
from service.platform.configuration import Configuration
from service.platform.database.tables import messages
from service.publishing.service import Service

_ONE_DUE = (
    "SELECT id, state, ledger, revision FROM enrollments WHERE next_due_at <= %s "
    "ORDER BY next_due_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def main() -> None:
    """Read a count from each line, fire that many enrollments, and print the seconds and the number fired."""
    kind, url, *more = sys.argv[1:]
    quiet()
    work = _sends(url, float(more[0])) if kind == "sends" else _fires(kind, url, more)
    print("ready", flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        count = work(int(line))
        print(time.perf_counter() - started, count, flush=True)


def _fires(kind: str, url: str, more: Sequence[str]) -> Callable[[int], int]:
    fire = _ours(url) if kind == "ours" else _bare(url, Path(more[0]))

    def work(most: int) -> int:
        count = 0
        while count < most and fire():
            count += 1
        return count

    return work


def _sends(url: str, seconds: float) -> Callable[[int], int]:
    """Return a function that sends, together with other processes, all messages that are due."""
    service = make_service(Configuration(database=url), clock=clock.present, new_id=clock.new_id)
    channel = Counting(seconds=seconds)

    def work(_: int) -> int:
        before = channel.taken
        sender = Sender(mail_outbox(service, channel), interval=0.01)
        sender.start()
        while _are_due(service):
            time.sleep(0.02)
        sender.stop()
        return channel.taken - before

    return work


def _are_due(service: Service) -> bool:
    with service.database.reading() as connection:
        due = select(messages.c.id).where(messages.c.next_at <= clock.present(), messages.c.status == SCHEDULED)
        return connection.execute(due.limit(1)).first() is not None


def _ours(url: str) -> Any:
    service = make_service(Configuration(database=url), clock=clock.present, new_id=clock.new_id)
    return lambda: timers.fire_next(service) is not None


def _bare(url: str, file: Path) -> Any:
    """Return a function that takes a due row as the service does, and writes the same rows."""
    written: Written = pickle.loads(file.read_bytes())
    connection = connect(url)

    def fire() -> bool:
        due_row = connection.execute(_ONE_DUE, (datetime.now(UTC),)).fetchone()
        if due_row is None:
            connection.rollback()
            return False
        cursor = connection.cursor()
        for statement, rows in written.numbered(int(due_row[0][-8:], 16)):
            cursor.execute(statement, rows[0]) if len(rows) == 1 else cursor.executemany(statement, rows)
        connection.commit()
        return True

    return fire


if __name__ == "__main__":
    main()
