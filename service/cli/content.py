"""`journeys content`: the layout of the files of content. It touches no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from journeys.primitives.problems import counted, only_errors
from service.cli.files import Files, files_options
from service.cli.output import exit_if, write_lines
from service.cli.texts import refuse_problems, write_files


@dataclass(frozen=True, slots=True)
class Conversion:
    """The changed files by name (None: removed), and each `piece.yaml` that stays, with the reason."""

    files: dict[str, bytes | None]
    stays: dict[str, str]

    @property
    def written(self) -> list[str]:
        """The language files that take up a `piece.yaml`."""
        return sorted(name for name, data in self.files.items() if data is not None)

    def lines(self) -> Iterator[str]:
        """Each converted language file, then each `piece.yaml` that stays."""
        yield from self.written
        yield from (f"{name} stays: {reason}." for name, reason in sorted(self.stays.items()))


@click.group()
def content() -> None:
    """Change the layout of the files of content; what patients read stays the same."""


@content.command(name="convert")
@click.argument("journey", required=False)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a piece would be converted.")
@files_options
def convert(journey: str | None, check: bool, files: Files) -> None:
    """Move each piece.yaml into the file of the journey's first language, as its block `piece`.

    Keys, versions and signatures stay: each piece is read back and compared before anything is written. A piece.yaml
    that cannot be moved stays, and is listed with the reason. JOURNEY is one journey; by default all.

    Example: `journeys content convert checkup --check`
    """
    definitions = [files.definition(journey)] if journey else files.journeys()
    conversions = [_conversion_of(definition, files.content) for definition in definitions]
    conversion = Conversion(
        {name: data for each in conversions for name, data in each.files.items()},
        {name: reason for each in conversions for name, reason in each.stays.items()},
    )
    if not check:
        write_files(conversion.files)
    write_lines(conversion.lines())
    done = "would be converted" if check else "converted"
    number = len(conversion.written)
    click.echo(f"{counted(number, 'piece')} {done}, {len(conversion.stays)} with piece.yaml.", err=True)
    exit_if(check and number)


def _conversion_of(definition: Path, content_folder: Path) -> Conversion:
    """The conversion of the pieces of a journey; one with files that cannot be read ends the command."""
    from journeys.authoring.one_file import in_one_file
    from journeys.content.catalogue import UnfitForBlock, read_sources
    from journeys.content.catalogue.sources import SHARED
    from journeys.definition.reading import read_authored, read_journey

    data, problems = read_authored(definition)
    journey, problems = read_journey(data, str(definition)) if data is not None else (None, problems)
    if journey is None:
        refuse_problems(only_errors(problems))
    folder = content_folder / journey.key
    sources, _, problems = read_sources(folder)
    if problems:
        refuse_problems(problems)
    converted: dict[str, bytes | None] = {}
    stays: dict[str, str] = {}
    for source in sources:
        shared = str(folder / source.place / SHARED)
        if source.block is not None:
            continue
        try:
            name, joined = in_one_file(source, journey.locales[0])
        except UnfitForBlock as error:
            stays[shared] = str(error)
        else:
            converted |= {str(folder / source.place / name): joined, shared: None}
    return Conversion(converted, stays)


COMMANDS = (content,)
