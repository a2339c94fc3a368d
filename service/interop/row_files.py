"""Folders of CSV files as rows to report; files stay where they are, and one that is still being written is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from journeys.interop.rows import MAX_TABLE_BYTES, RowSource, read_table
from journeys.primitives.errors import NotATable
from journeys.primitives.files import UnreadableFile, read_bounded
from service.interop.rows import RowVerdict, report_rows
from service.publishing.service import Service

STILL_WRITTEN = "The file is still being written; it was left."


@dataclass(frozen=True, slots=True)
class FileRows:
    """A file with what becomes of its rows, as they are reported; or the reason why it was not read."""

    name: str
    verdicts: Iterator[RowVerdict]
    refusal: str | None = None


def report_folder(
    service: Service, source: RowSource, folder: Path, *, pause: Callable[[], None], dry_run: bool = False
) -> Iterator[FileRows]:
    """Reports the rows of the CSV files of a folder, by name, as their verdicts are taken.

    Args:
        service: the process.
        source: the declared source.
        folder: the folder; those within it are not looked at.
        pause: waits for a moment; a file that changes meanwhile is left.
        dry_run: whether to store nothing.

    Raises:
        Unavailable: the database cannot be used.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    before = [_state(path) for path in files]
    pause()
    for path, state in zip(files, before, strict=True):
        try:
            data = read_bounded(path, MAX_TABLE_BYTES)
            if _state(path) != state:
                raise NotATable(STILL_WRITTEN)
            rows = read_table(data, source.columns)
        except (UnreadableFile, NotATable) as error:
            yield FileRows(path.name, iter(()), str(error))
        else:
            yield FileRows(path.name, report_rows(service, source, rows, dry_run=dry_run))


def _state(path: Path) -> tuple[int, int] | None:
    """The size and the time of the last change; None where the file is gone."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
