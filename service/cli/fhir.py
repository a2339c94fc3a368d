"""`journeys ingest`: turn FHIR bundles into events, and delete the records of patients who did not join."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.errors import CallerError
from journeys.primitives.files import UnreadableFile, read_bounded
from journeys.primitives.problems import counted
from service.cli.files import MAPPING, Files, files_options
from service.cli.options import database_option, format_option, options_as
from service.cli.output import EXIT_PROBLEMS, Writers, exit_if, write_lines
from service.cli.startup import opened, opened_process

if TYPE_CHECKING:
    from journeys.interop.fhir import FhirMapping
    from service.interop.reports import IngestReport
    from service.publishing.service import Service


def _accepted_zone(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    from service.platform.time_zones import zone_names

    if name not in zone_names():
        raise click.BadParameter(f"'{name[:80]}' is not an IANA time zone such as 'Europe/Madrid'.")
    return name


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How bundles are ingested: for whom where they do not say, whether anything is stored, and what is printed."""

    time_zone: str
    programme: str | None
    patient: str | None
    dry_run: bool
    explain: bool


ingest_options = options_as(
    "options",
    IngestOptions,
    click.option(
        "--time-zone",
        default="UTC",
        show_default=True,
        callback=_accepted_zone,
        help="The time zone of patients who join.",
    ),
    click.option("--programme", help="The programme of patients who join; by default the journey's first."),
    click.option("--patient", metavar="REF", help="The patient of bundles that name none, or several."),
    click.option("--dry-run", is_flag=True, help="Show what would change; store nothing."),
    click.option("--explain", is_flag=True, help="Say of every entry what became of it, by code and reason."),
)


@click.group()
def ingest() -> None:
    """Import data of other systems."""


@ingest.command()
@click.argument("bundles", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--journey", help="The journey; by default the one with a mapping (<journey>.fhir.yaml).")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The file of the mapping."
)
@ingest_options
@database_option
@files_options
@format_option
def fhir(
    bundles: tuple[Path, ...],
    journey: str | None,
    mapping: Path | None,
    options: IngestOptions,
    database: str | None,
    files: Files,
    form: str,
) -> None:
    """Turn FHIR R4 bundles into events: enroll the patient at the right time, and report the events.

    Resources without a mapping are counted, and are not an error; a second run changes nothing, and neither does how a
    record is cut into bundles. A journey that is not in the database yet is published first.

    Examples: `journeys ingest fhir bundle.json`, `journeys ingest fhir *.json --journey nsclc --format json`
    """
    from journeys.interop.fhir import MAX_BUNDLE_BYTES
    from service.interop.fhir import ingest_bundle
    from service.interop.rehearsal import Rehearsal

    file = mapping or _find_mapping(files, journey)
    key = journey or file.name.partition(".")[0]
    failed = False
    with opened(database) as service:
        _publish_first(service, files, key, dry_run=options.dry_run)
        fhir_mapping = _read_mapping(service, key, file)
        rehearsal = Rehearsal(service, fhir_mapping, options.time_zone) if options.dry_run else None
        for bundle in bundles:
            try:
                data = read_bounded(bundle, MAX_BUNDLE_BYTES)
                report = (
                    rehearsal.ingest(data, file=bundle.name, patient_ref=options.patient)
                    if rehearsal is not None
                    else ingest_bundle(
                        service,
                        fhir_mapping,
                        data,
                        file=bundle.name,
                        patient_ref=options.patient,
                        time_zone=options.time_zone,
                        programme=options.programme,
                    )
                )
            except (CallerError, UnreadableFile) as error:
                failed = True
                click.echo(f"{bundle.name}: {_in_words(error)}", err=True)
                continue
            REPORT.write(_Printed(report, options), form)
    exit_if(failed)


@ingest.command()
@click.option(
    "--days",
    type=click.IntRange(1, 36_525),
    required=True,
    help="Records to which no bundle added anything for so many days.",
)
@database_option
def forget(days: int, database: str | None) -> None:
    """Delete what bundles brought of patients who have no enrollment in the journey.

    The service itself never deletes it. A later bundle of such a patient begins a new record.

    Example: `journeys ingest forget --days 365`
    """
    from service.interop.forget import delete_unjoined

    with opened_process(database) as process:
        count = delete_unjoined(process, timedelta(days=days))
    click.echo(f"{counted(count, 'record')} of patients who did not join: deleted.")


def _find_mapping(files: Files, journey: str | None) -> Path:
    mappings = sorted(files.definitions.glob(f"{journey or '*'}{MAPPING}"))
    if len(mappings) != 1:
        names = ", ".join(path.name for path in mappings) or "none"
        raise click.UsageError(f"Name a mapping with --journey or --mapping; mappings in {files.definitions}: {names}.")
    return mappings[0]


def _read_mapping(service: Service, journey: str, file: Path) -> FhirMapping:
    """The mapping in a file; one with problems ends the command."""
    from journeys.authoring.lint import read_checked
    from service.interop.fhir import load_mapping

    data, file_problems = read_checked(file)
    mapping, problems = load_mapping(service, journey, data, str(file)) if data is not None else (None, [])
    write_lines(sorted({*file_problems, *problems}), err=True)
    if mapping is None or file_problems:
        sys.exit(EXIT_PROBLEMS)
    return mapping


def _publish_first(service: Service, files: Files, journey: str, *, dry_run: bool) -> None:
    from service.publishing.publish import publish_from_files
    from service.publishing.store.releases import journeys_published

    with service.database.reading() as connection:
        if journey in journeys_published(connection):
            return
    if dry_run:
        raise click.UsageError(
            f"'{journey}' is not in the database, and a dry run publishes nothing. Publish it first: "
            f"journeys publish {journey}"
        )
    result = publish_from_files(service, files.definitions, files.content, only=(journey,))
    write_lines(result.problems, err=True)
    exit_if(not result.is_done)
    click.echo(
        f"{journey} was not in the database yet; it was published from {files.definitions}. Patients see its content "
        f"only after it is signed: journeys approve {journey}",
        err=True,
    )


def _in_words(error: CallerError | UnreadableFile) -> str:
    if isinstance(error, UnreadableFile):
        return str(error)
    return " ".join((error.detail, *(f"{name}: {' '.join(texts)}" for name, texts in error.fields.items())))


@dataclass(frozen=True, slots=True)
class _Printed:
    """A report, and what of it is printed."""

    report: IngestReport
    options: IngestOptions

    def lines(self) -> Iterator[str]:
        """The text."""
        report = self.report
        counts = (
            f"{report.read} read, {report.mapped} mapped, {report.unmapped} unmapped, {report.duplicates} duplicates"
        )
        if report.enrollment is None:
            reason = (
                "no resource enrolls the patient" if report.has_patient else "nobody joins before the Patient arrives"
            )
            yield f"{report.file}: {counts}; {reason}"
        else:
            yield f"{report.file}: enrollment {report.enrollment}; {counts}; {report.after_end} after the end"
        if self.options.dry_run:
            changes = ", ".join(f"{count} {name}" for name, count in report.changes.items())
            yield f"  dry run, nothing was stored; events: {changes}"
        yield from (f"  {at[:10]}  {state}" for state, at in report.passed)
        if self.options.explain:
            yield from (f"  {verdict.name or '-'}  {verdict.code}  {verdict.reason}" for verdict in report.verdicts)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = self.report.as_dict()
        if self.options.dry_run:
            values["dry_run"] = self.report.changes
        if self.options.explain:
            values["entries"] = self.report.explanation()
        return values


REPORT: Writers[_Printed] = Writers(as_text=_Printed.lines, as_json=_Printed.as_dict)


COMMANDS = (ingest,)
