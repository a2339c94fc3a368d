"""One SQLite file: the same file as when it was opened, or none; it holds no SQL."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from service.platform.errors import FileReplaced


class DatabaseRefused(RuntimeError):
    """The database or its driver cannot give the promised durability, or is not one of this version."""


FileId = tuple[int, int]


@dataclass(slots=True)
class SqliteFile:
    """The file of a database, remembered by device and inode from the first connection on."""

    path: Path
    _first: FileId | None = field(default=None, repr=False)

    def remember(self) -> None:
        """Remembers the file that the first connection opened.

        Raises:
            FileReplaced: a later connection opened another file.
        """
        if self._first is None:
            self._first = file_id(self.path)
        self.require_same()

    def require_same(self) -> None:
        """Refuses a path whose file was deleted or replaced: what is written to the open one would be lost.

        Raises:
            FileReplaced: the path names no file, or another one.
        """
        if self._first is not None and file_id(self.path) != self._first:
            raise FileReplaced


def make_file(path: Path) -> None:
    """Makes an empty file where there is none yet, as SQLite itself would.

    Raises:
        DatabaseRefused: the folder is missing or cannot be written.
    """
    try:
        path.touch(0o644)
    except OSError as error:
        raise DatabaseRefused(f"The database '{path}' cannot be written: {os.strerror(error.errno or 0)}.") from None


def file_id(path: Path) -> FileId | None:
    """The device and the inode of a file, or None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def data_version(connection: Connection) -> int:
    """A number that is another once any other connection has written to an SQLite file (PRAGMA data_version)."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute("PRAGMA data_version")
        row: Any = cursor.fetchone()
    return int(row[0])
