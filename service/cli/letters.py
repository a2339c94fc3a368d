"""`journeys letters`: printing the letters that are queued, and recording that they were posted or came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import configuration, opened, opened_process

if TYPE_CHECKING:
    from service.outreach.store.letters import StoredLetter

NO_PAPER = "Set post_paper to the paper of letters: 'a4' or 'letter'."


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """A batch with the files that were written for it."""

    batch: str
    count: int
    files: list[Path]


@dataclass(frozen=True, slots=True)
class WrittenBatches:
    """What a run printed, and how many letters were withdrawn because they may not leave any more."""

    batches: list[WrittenBatch]
    withdrawn: int


@click.group(name="letters")
def letters_group() -> None:
    """Letters to patients: print them, and record that they were posted or came back."""


@letters_group.command(name="list")
@database_option
@format_option
def list_letters(database: str | None, form: str) -> None:
    """List the letters that are queued, and the batches that are printed and not confirmed."""
    from service.outreach.waiting import list_open_letters

    with opened_process(database) as process:
        LETTERS.write(list_open_letters(process), form)


@letters_group.command(name="print")
@click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    required=True,
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="The folder of the files, which hold addresses and health data.",
)
@database_option
@format_option
def print_queued(folder: Path, database: str | None, form: str) -> None:
    """Print the queued letters into a new batch, and write the file of each batch that is not confirmed.

    Each batch is one HTML file with a letter on a new sheet, and one PDF where the extra 'print' is installed.

    Example: `journeys letters print --to letters/`
    """
    from journeys.primitives.words import PAPERS
    from service.outreach.print_files import write_print_file
    from service.outreach.printing import print_letters

    paper = next((paper for paper in PAPERS if paper == configuration(database=database).post_paper), None)
    if paper is None:
        raise click.UsageError(NO_PAPER)
    with opened(database) as service:
        printing = print_letters(service, paper)
        batches = [
            WrittenBatch(file.batch, file.count, write_print_file(folder, f"letters-{file.batch}", file.html))
            for file in printing.files
        ]
        PRINTED_BATCHES.write(WrittenBatches(batches, printing.withdrawn), form)


@letters_group.command()
@click.argument("batch")
@database_option
def confirm(batch: str, database: str | None) -> None:
    """Record that the letters of a batch were posted; their words are erased.

    Example: `journeys letters confirm 019abc…`
    """
    from service.outreach.letters import confirm_batch

    with opened_process(database) as process:
        count = confirm_batch(process, batch)
    click.echo(f"{counted(count, 'letter')} recorded as posted.")


@letters_group.command(name="return")
@click.argument("letter")
@database_option
def record_return(letter: str, database: str | None) -> None:
    """Record that a letter came back; its address is not used any more. LETTER is printed beside the date.

    Example: `journeys letters return 019abc…`
    """
    from service.outreach.letters import return_letter

    with opened_process(database) as process:
        return_letter(process, letter)
    click.echo("Recorded. The address is not used until the patient names it again.")


def _lines(open_letters: list[StoredLetter]) -> Iterator[str]:
    from service.outreach.store.letters import QUEUED

    queued = [letter for letter in open_letters if letter.status == QUEUED]
    for letter in queued:
        yield f"{letter.id}  queued {time_text(letter.queued_at)}"
    for batch, count in Counter(letter.batch for letter in open_letters if letter.batch is not None).items():
        yield f"Batch {batch}: {counted(count, 'letter')} printed, not confirmed."
    yield f"{counted(len(queued), 'letter')} queued."


def _json(open_letters: list[StoredLetter]) -> Any:
    return [
        {
            "id": letter.id,
            "status": letter.status,
            "batch": letter.batch,
            "queued_at": time_text(letter.queued_at),
            "message": letter.message,
        }
        for letter in open_letters
    ]


def _printed_lines(written: WrittenBatches) -> Iterator[str]:
    for batch in written.batches:
        files = ", ".join(map(str, batch.files))
        yield f"Batch {batch.batch}: {counted(batch.count, 'letter')} in {files}."
    if written.batches:
        yield "Once a batch is posted: journeys letters confirm BATCH."
    else:
        yield "No letter is queued, and every batch is confirmed."
    if written.withdrawn:
        yield f"{counted(written.withdrawn, 'letter')} withdrawn, which may not leave any more."


def _printed_json(written: WrittenBatches) -> Any:
    batches = [
        {"id": batch.batch, "letters": batch.count, "files": list(map(str, batch.files))} for batch in written.batches
    ]
    return {"batches": batches, "withdrawn": written.withdrawn}


LETTERS: Writers[list[StoredLetter]] = Writers(as_text=_lines, as_json=_json)
PRINTED_BATCHES: Writers[WrittenBatches] = Writers(as_text=_printed_lines, as_json=_printed_json)
COMMANDS = (letters_group,)
