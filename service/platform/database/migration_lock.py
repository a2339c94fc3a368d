"""One migration of patients at a time on a database: a lock that ends with its process."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from service.platform.database.engine import Database

#: The same for everybody, and for nothing else: "moves" in ASCII.
LOCK = 0x6D6F766573


class AlreadyMoving(RuntimeError):
    """Another process is migrating patients on this database."""

    def __init__(self) -> None:
        super().__init__("Another process is migrating patients on this database. Wait until it has finished.")


@contextmanager
def moving_alone(database: Database) -> Iterator[None]:
    """Holds the right to migrate patients on a database.

    Raises:
        AlreadyMoving: when another process holds it.
    """
    if not database.is_sqlite:
        with database.reading() as connection:
            if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar():
                raise AlreadyMoving
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        return
    file = Path(str(database.engine.url.database)).resolve()
    with file.with_name(file.name + ".moving").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyMoving from None
        yield
