"""A process that fires a requested number of enrollments and prints the seconds: a worker, or a bare loop."""

from __future__ import annotations

import pickle
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.bare import Written, connect
from benchmarks.database import quiet
from service.app import make_service
from service.enrollments import timers
from service.platform import clock
from service.platform.configuration import Configuration

_ONE_DUE = (
    "SELECT id, state, ledger, revision FROM enrollments WHERE next_due_at <= %s "
    "ORDER BY next_due_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def main() -> None:
    """Read a count from each line, fire that many enrollments, and print the seconds and the number fired."""
    kind, url, *more = sys.argv[1:]
    quiet()
    fire = _ours(url) if kind == "ours" else _bare(url, Path(more[0]))
    print("ready", flush=True)
    for line in sys.stdin:
        started, count = time.perf_counter(), 0
        while count < int(line) and fire():
            count += 1
        print(time.perf_counter() - started, count, flush=True)


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
