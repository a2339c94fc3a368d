"""One serving process for one SQLite file: a lock beside the file, held as long as the process serves."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyServed(RuntimeError):
    """Another `serve` or `worker` uses this file."""


@contextmanager
def serving_alone(file: Path | None) -> Iterator[None]:
    """Holds the right to serve an SQLite file; None, for PostgreSQL, needs none.

    Raises:
        AlreadyServed: when another process holds it.
    """
    if file is None:
        yield
        return
    with file.with_name(file.name + ".serving").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServed(
                f"Another serve or worker uses {file.name}. An SQLite file accepts one process, PostgreSQL many."
            ) from None
        yield
