"""`journeys ingest fhir`: store the bundles of hospital systems as events, by the journey's FHIR mapping."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from journeys.primitives.errors import CallerError
from service.cli.files import Files, files_options
from service.cli.options import database_option, format_option, options_as
from service.cli.output import EXIT_PROBLEMS, Writers, exit_if, write_lines
from service.cli.startup import opened
from service.interop.fhir import IngestReport, ingest_bundle, load_mapping
from service.publishing.publish import publish_from_files
from service.publishing.service import Service
from service.publishing.store.releases import journeys_published


@dataclass(frozen=True, slots=True)
class EnrollmentOptions:
    """The time zone and the programme of patients whom a bundle enrolls."""

    time_zone: str
    programme: str | None


enrollment_options = options_as(
    "enrollment",
    EnrollmentOptions,
    click.option("--time-zone", default="UTC", show_default=True, help="The time zone of patients who join."),
    click.option("--programme", help="The programme of patients who join; by default the journey's first."),
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
@enrollment_options
@database_option
@files_options
@format_option
def fhir(
    bundles: tuple[Path, ...],
    journey: str | None,
    mapping: Path | None,
    enrollment: EnrollmentOptions,
    database: str | None,
    files: Files,
    form: str,
) -> None:
    """Turn FHIR R4 bundles into events: enroll the patient at the right time, and report the events.

    Resources without a mapping are counted, and are not an error; a second run changes nothing. A journey that is not
    in the database yet is published first.

    Examples: `journeys ingest fhir bundle.json`, `journeys ingest fhir *.json --journey nsclc --format json`
    """
    file = mapping or _find_mapping(files, journey)
    key = journey or file.name.partition(".")[0]
    failed = False
    with opened(database) as service:
        _publish_first(service, files, key)
        fhir_mapping, problems = load_mapping(service, key, file.read_bytes(), str(file))
        write_lines(problems, err=True)
        if fhir_mapping is None:
            sys.exit(EXIT_PROBLEMS)
        for bundle in bundles:
            try:
                report = ingest_bundle(
                    service,
                    fhir_mapping,
                    bundle.read_bytes(),
                    file=bundle.name,
                    time_zone=enrollment.time_zone,
                    programme=enrollment.programme,
                )
            except CallerError as error:
                failed = True
                click.echo(f"{bundle.name}: {error.detail} {_fields(error)}".rstrip(), err=True)
                continue
            REPORT.write(report, form)
    exit_if(failed)


def _find_mapping(files: Files, journey: str | None) -> Path:
    mappings = sorted(files.definitions.glob(f"{journey or '*'}.fhir.yaml"))
    if len(mappings) != 1:
        names = ", ".join(path.name for path in mappings) or "none"
        raise click.UsageError(f"Name a mapping with --journey or --mapping; mappings in {files.definitions}: {names}.")
    return mappings[0]


def _publish_first(service: Service, files: Files, journey: str) -> None:
    with service.database.reading() as connection:
        if journey in journeys_published(connection):
            return
    result = publish_from_files(service, files.definitions, files.content, only=(journey,))
    write_lines(result.problems, err=True)
    exit_if(not result.is_done)
    click.echo(
        f"{journey} was not in the database yet; it was published from {files.definitions}. Patients see its content "
        f"only after it is signed: journeys approve {journey}",
        err=True,
    )


def _fields(error: CallerError) -> str:
    return " ".join(f"{name}: {' '.join(texts)}" for name, texts in error.fields.items())


def _lines(report: IngestReport) -> Iterator[str]:
    counts = f"{report.read} read, {report.mapped} mapped, {report.unmapped} unmapped, {report.duplicates} duplicates"
    if report.enrollment is None:
        yield f"{report.file}: {counts}; no resource enrolls the patient"
        return
    yield f"{report.file}: enrollment {report.enrollment}; {counts}; {report.after_end} after the end"
    yield from (f"  {at[:10]}  {state}" for state, at in report.passed)


REPORT = Writers[IngestReport](as_text=_lines, as_json=IngestReport.as_dict)


COMMANDS = (ingest,)
