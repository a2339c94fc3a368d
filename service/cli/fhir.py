"""`journeys ingest fhir`: bundles of hospital systems into the store, by the mapping that the journey declares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rich_click as click

from journeys.primitives.errors import CallerError
from service import processes
from service.cli.files import Files
from service.cli.options import content_option, database_option, definitions_option, format_option
from service.cli.startup import opened
from service.interop.fhir import IngestReport, ingest_bundle, load_mapping
from service.publishing import publish
from service.publishing.service import Service


@click.group()
def ingest() -> None:
    """Bring in what other systems know."""


@ingest.command()
@click.argument("bundles", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--journey", help="The journey; the one that has a mapping (<journey>.fhir.yaml) unless given.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The mapping's file.")
@click.option("--time-zone", default="UTC", show_default=True, help="The time zone of patients who join.")
@click.option("--programme", help="The programme of patients who join; the journey's first unless given.")
@database_option
@definitions_option
@content_option
@format_option
def fhir(
    bundles: tuple[Path, ...],
    journey: str | None,
    mapping: Path | None,
    time_zone: str,
    programme: str | None,
    database: str | None,
    definitions: str,
    content: str,
    form: str,
) -> None:
    """Turn FHIR R4 bundles into events: enroll the patient at the right time, and report what happened.

    What the mapping does not name is counted, never an error; a second run changes nothing. A journey that the store
    does not have yet is published first.

    Examples: `journeys ingest fhir bundle.json`, `journeys ingest fhir *.json --journey nsclc --format json`
    """
    files = Files(Path(definitions), Path(content))
    file = mapping or _mapping_of(files, journey)
    key = journey or file.name.partition(".")[0]
    failed = False
    with opened(database) as service:
        _publish_first(service, files, key)
        read, problems = load_mapping(service, key, file.read_bytes(), str(file))
        for problem in problems:
            click.echo(str(problem), err=True)
        if read is None:
            sys.exit(1)
        for bundle in bundles:
            try:
                report = ingest_bundle(
                    service,
                    read,
                    bundle.read_bytes(),
                    file=bundle.name,
                    time_zone=time_zone,
                    programme=programme,
                )
            except CallerError as error:
                failed = True
                click.echo(f"{bundle.name}: {error.detail} {_fields(error)}".rstrip(), err=True)
                continue
            click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if form == "json" else _in_words(report))
    if failed:
        sys.exit(1)


def _mapping_of(files: Files, journey: str | None) -> Path:
    found = sorted(files.definitions.glob(f"{journey or '*'}.fhir.yaml"))
    if len(found) != 1:
        named = ", ".join(path.name for path in found) or "none"
        raise click.UsageError(f"Name a mapping with --journey or --mapping; in {files.definitions} there is {named}.")
    return found[0]


def _publish_first(service: Service, files: Files, journey: str) -> None:
    if processes.is_published(service, journey):
        return
    done = publish.publish_from_files(service, files.definitions, files.content, only=(journey,))
    for problem in done.problems:
        click.echo(str(problem), err=True)
    if not done.is_done:
        sys.exit(1)
    click.echo(
        f"{journey} was not in the store yet; it was published from {files.definitions}. Patients are given nothing of "
        f"it until it is signed: journeys approve {journey}",
        err=True,
    )


def _fields(error: CallerError) -> str:
    return " ".join(f"{name}: {' '.join(texts)}" for name, texts in error.fields.items())


def _in_words(report: IngestReport) -> str:
    counts = f"{report.read} read, {report.mapped} mapped, {report.unmapped} unmapped, {report.duplicates} duplicates"
    if report.enrollment is None:
        return f"{report.file}: {counts}; nothing in it makes the patient join"
    lines = [f"{report.file}: enrollment {report.enrollment}; {counts}; {report.after_end} after the end"]
    lines += [f"  {at[:10]}  {state}" for state, at in report.passed]
    return "\n".join(lines)


COMMANDS = (ingest,)
