"""`journeys triggers`: report the rows of other systems' tables."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers, exit_if
from service.cli.startup import opened

if TYPE_CHECKING:
    from service.interop.row_files import FileRows
    from service.interop.rows import RowStatus, RowVerdict

MOMENT = 1.0
#: In seconds; a file whose size changes meanwhile is still being written.


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file with the number of its rows by status, and the rows to name."""

    name: str
    counts: Counter[RowStatus]
    named: Sequence[RowVerdict]
    refusal: str | None

    @property
    def is_done(self) -> bool:
        """Whether every row of the file was reported, was known, or fits no rule."""
        return self.refusal is None and not self.counts["conflict"] and not self.counts["mistaken"]


@click.group()
def triggers() -> None:
    """Report what happened in other systems."""


@triggers.command()
@click.argument("source")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Name the enrollment and the event of each row; store nothing.")
@database_option
@format_option
def run(source: str, folder: Path, dry_run: bool, database: str | None, form: str) -> None:
    """Report the rows of the CSV files in a folder, by a source that the published files declare.

    Each row is applied once by its source and id, however often its file is read. A row with a mistake is named by its
    number (the header is row 1) and its columns, and stops no other. Files stay where they are; a file that is still
    being written is left. Ends with 1 where a row or a file was refused.

    Examples: `journeys triggers run imaging /srv/exports --dry-run`, `journeys triggers run imaging /srv/exports`
    """
    from service.interop.row_files import report_folder
    from service.interop.rows import load_source

    with opened(database) as service:
        declared = load_source(service, source)
        files = report_folder(service, declared, folder, pause=lambda: time.sleep(MOMENT), dry_run=dry_run)
        reports = [_report(file, dry_run) for file in files]
    RUN.write(reports, form)
    exit_if(not all(report.is_done for report in reports))


def _report(file: FileRows, dry_run: bool) -> FileReport:
    counts: Counter[RowStatus] = Counter()
    named = []
    for verdict in file.verdicts:
        counts[verdict.status] += 1
        if dry_run or not verdict.is_done:
            named.append(verdict)
    return FileReport(file.name, counts, named, file.refusal)


def _lines(reports: Sequence[FileReport]) -> Iterator[str]:
    from service.interop.rows import STATUSES

    for report in reports:
        if report.refusal is not None:
            yield f"{report.name}: {report.refusal}"
        for verdict in report.named:
            event = f", {verdict.trigger}, enrollment {verdict.enrollment}" if verdict.enrollment is not None else ""
            yield f"{report.name} row {verdict.number}: {verdict.status}{event}"
            yield from (f"  {column}: {' '.join(texts)}" for column, texts in verdict.mistakes.items())
    width = max([len(report.name) for report in reports], default=0) + 2
    yield f"{'file':<{width}}" + "".join(f"{status:>10}" for status in ("rows", *STATUSES))
    for report in reports:
        numbers = (report.counts.total(), *(report.counts[status] for status in STATUSES))
        yield f"{report.name:<{width}}" + "".join(f"{number:>10,}" for number in numbers)
    yield f"{counted(sum(report.counts.total() for report in reports), 'row')} in {counted(len(reports), 'file')}."


def _json(reports: Sequence[FileReport]) -> list[dict[str, Any]]:
    from service.interop.rows import STATUSES

    return [
        {
            "file": report.name,
            "refusal": report.refusal,
            "rows": report.counts.total(),
            **{status: report.counts[status] for status in STATUSES},
            "named": [
                {
                    "row": verdict.number,
                    "status": verdict.status,
                    "enrollment": verdict.enrollment,
                    "trigger": verdict.trigger,
                    "mistakes": verdict.mistakes,
                }
                for verdict in report.named
            ],
        }
        for report in reports
    ]


RUN: Writers[Sequence[FileReport]] = Writers(as_text=_lines, as_json=_json)
COMMANDS = (triggers,)
