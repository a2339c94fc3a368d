"""One serving process for one SQLite file: locks that are held as long as the process serves."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from service.platform.database.sqlite_file import DatabaseRefused


class AlreadyServed(RuntimeError):
    """Another `serve` or `worker` uses this file."""


@contextmanager
def serving_alone(file: Path | None) -> Iterator[None]:
    """Holds the right to serve an SQLite file, under whatever name; None, for PostgreSQL, needs none.

    Two locks: one beside the file, behind symbolic links, and one on the file itself, which other names of it share
    (hard links, mounts). The second is not one of SQLite's locks, and is let go only after the database is closed.

    Raises:
        AlreadyServed: when another process holds it.
        DatabaseRefused: the lock cannot be written, or the file has another name (SQLite's log would be there twice).
    """
    if file is None:
        yield
        return
    with ExitStack() as locks:
        real = file.resolve()
        _lock(locks.enter_context(_open_for_lock(real.with_name(real.name + ".serving"))), file)
        if real.is_file():
            _lock(locks.enter_context(_open_for_lock(real)), file)
            if real.stat().st_nlink > 1:
                raise DatabaseRefused(
                    f"{file} has more than one name (hard links), and SQLite keeps a log for each. Keep one name."
                )
        yield


def _open_for_lock(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except OSError as error:
        raise DatabaseRefused(
            f"{path} cannot be written: {os.strerror(error.errno or 0)}. "
            "A database is served from a folder that this process may write to."
        ) from None


def _lock(opened: IO[str], file: Path) -> None:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyServed(
            f"Another serve or worker uses {file.name}. An SQLite file accepts one process, PostgreSQL many."
        ) from None
