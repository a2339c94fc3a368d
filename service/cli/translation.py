"""`journeys translation`: the texts of a journey as a file for translators, and back. It touches no database."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from journeys.primitives.problems import counted, did_you_mean
from service.cli.files import Files, files_options, read_option_file
from service.cli.output import exit_if, write_lines
from service.cli.texts import read_texts, write_files


@click.group()
def translation() -> None:
    """Give the texts of a journey to translators, and take the translation back."""


@translation.command(name="export")
@click.argument("journey")
@click.argument("locale")
@click.option("--format", "form", type=click.Choice(["xliff", "csv"]), default="xliff", show_default=True)
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@files_options
def export_texts(journey: str, locale: str, form: str, output: Path, files: Files) -> None:
    """Write all texts of a journey as XLIFF 2.0 or as a spreadsheet (CSV), with the translation where there is one.

    LOCALE is one of the journey's languages; `journeys new locale` adds one.

    Example: `journeys translation export nsclc es --output nsclc.es.xlf`
    """
    from journeys.authoring.translation import (
        TranslationFile,
        UnreadableTranslation,
        rows_of,
        units_of,
        write_csv,
        write_xliff,
    )

    texts = read_texts(files, journey)
    others = texts.journey.locales[1:]
    if locale not in others:
        hint = did_you_mean(locale, others)
        add = f"journeys new locale {locale} {journey}"
        raise click.UsageError(f"'{locale}' is not a language to translate '{journey}' into.{hint} To add it: {add}")
    units = units_of(texts, locale)
    file = TranslationFile(texts.journey.key, texts.first_locale, locale, rows_of(units))
    try:
        data = {"xliff": write_xliff, "csv": write_csv}[form](file)
    except UnreadableTranslation as error:
        raise click.ClickException(str(error)) from None
    write_files({str(output): data})
    waiting = sum(unit.target is None for unit in units)
    click.echo(f"{output}: {counted(len(units), 'unit')}, {waiting} without a translation.", err=True)


@translation.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@files_options
def import_texts(file: Path, files: Files) -> None:
    """Write a translation into the files of its journey: all of it, or nothing where a unit is refused.

    FILE is an export, XLIFF 2.0 or CSV, filled in. What has no translation in it stays as it is, and so does every
    other byte of the files. Texts that are translated no longer wait.

    Example: `journeys translation import nsclc.es.xlf`
    """
    from journeys.authoring.translation import (
        MAX_BYTES,
        UnreadableTranslation,
        apply_translation,
        read_translation,
        waiting_texts,
    )

    try:
        translated = read_translation(read_option_file(file, MAX_BYTES))
    except UnreadableTranslation as error:
        raise click.UsageError(f"'{file}': {error}") from None
    if translated.journey not in {path.stem for path in files.journeys()}:
        raise click.UsageError(f"'{file}' is of the journey '{translated.journey[:80]}', which is not here.")
    texts = read_texts(files, translated.journey)
    applied = apply_translation(texts, translated)
    if applied.refusals:
        write_lines(applied.refusals)
        click.echo(f"{counted(len(applied.refusals), 'unit')} refused; nothing was written.", err=True)
        exit_if(True)
    write_files(applied.files)
    write_lines(sorted(applied.files))
    after = waiting_texts({**texts.files, **applied.files})
    waiting = sum(text.locale == translated.locale for text in after)
    verb = "waits" if waiting == 1 else "wait"
    written = counted(applied.written, "unit")
    click.echo(f"{written} written; {counted(waiting, 'text')} {verb} for translation.", err=True)


COMMANDS = (translation,)
