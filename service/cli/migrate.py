"""`journeys migrate`: migrate the patients of a journey to another release."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option, options_as
from service.cli.output import EXIT_PROBLEMS, Writers, exit_if, write_lines
from service.cli.progress import progress_bar
from service.cli.release_options import (
    difference_as_json,
    difference_counts,
    difference_counts_as_json,
    ids_option,
    map_option,
    policy_of,
)
from service.cli.startup import opened

if TYPE_CHECKING:
    from service.releases.preview import MigrationPreview

if TYPE_CHECKING:
    from journeys.analysis.comparison import FoldDifference
    from service.publishing.service import Service
    from service.releases.migrate import MigrationResult
    from service.releases.plan import MigrationPlan
    from service.releases.policy import PolicyChoice


def _read_policy(mapping: Path | None, follow: bool) -> PolicyChoice | None:
    """The policy of the options; None: that of the release."""
    from service.releases.policies import FOLLOW
    from service.releases.policy import PolicyChoice

    if follow and mapping is not None:
        raise click.UsageError("Use either --follow or --map.")
    return PolicyChoice(FOLLOW) if follow else policy_of(mapping)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Whether a migration is only previewed, or is given up, and how many enrollments a batch has."""

    dry_run: bool
    give_up: bool
    batch: int


policy_options = options_as(
    "policy",
    _read_policy,
    map_option,
    click.option(
        "--follow", is_flag=True, help="Map states by names and declared renames only, under any policy of the release."
    ),
)
run_options = options_as(
    "run",
    RunOptions,
    click.option("--dry-run", is_flag=True, help="Only show the effect on every enrollment."),
    click.option("--give-up", is_flag=True, help="End an unfinished migration; migrated patients stay migrated."),
    click.option(
        "--batch",
        type=click.IntRange(1, 10_000),
        default=100,
        show_default=True,
        help="The size of a batch, in enrollments.",
    ),
)


@click.command()
@click.argument("journey")
@click.option("--to", required=True, metavar="RELEASE", help="A published release, by its number or id.")
@policy_options
@run_options
@ids_option
@database_option
@format_option
def migrate(
    journey: str, to: str, policy: PolicyChoice | None, run: RunOptions, ids: bool, database: str | None, form: str
) -> None:
    """Migrate all patients of a journey to another release, in batches; after a stop, the same command continues.

    A state's target is set by the mapping, by the renames that the release declares, or by its name. A migration back
    to an earlier release reverses the mapping that led away from it. Ends with 1 where a state has no target, or an
    enrollment could not be migrated.

    Examples: `journeys migrate nsclc --to 2 --dry-run`, `journeys migrate nsclc --to 2 --map map.yaml`
    """
    from service.releases.destination import find_destination
    from service.releases.migrate import give_up_migration, migrate_patients
    from service.releases.plan import plan_migration

    with opened(database) as service:
        if run.give_up:
            ended = give_up_migration(service, journey)
            click.echo("No unfinished migration." if ended is None else f"Migration {ended.number} was given up.")
            return
        target = find_destination(service, journey, to)
        with _conflicts_end_the_command():
            order = plan_migration(service, journey, target, policy)
        if order.missing:
            write_lines(_missing_lines(order), err=form == "json")
            sys.exit(EXIT_PROBLEMS)
        if run.dry_run:
            _preview(service, order, ids=ids, form=form)
            return
        write_lines(order.notes, err=True)
        with progress_bar("migrate", order.total) as progress, _conflicts_end_the_command():
            moved = migrate_patients(service, order, batch=run.batch, progress=progress)
    RESULT.write(MigrationReport(moved, order, shows_ids=ids), form)
    exit_if(moved.failed)


@contextmanager
def _conflicts_end_the_command() -> Iterator[None]:
    """Ends the command with 1 where the state of the database does not allow a migration now."""
    from service.platform.errors import Conflict

    try:
        yield
    except Conflict as error:
        click.echo(error.detail, err=True)
        sys.exit(EXIT_PROBLEMS)


def _missing_lines(order: MigrationPlan) -> Iterator[str]:
    yield from order.notes
    for missing in order.missing:
        yield missing.in_words()
    yield f"No patient was migrated: {counted(len(order.missing), 'state')} without a target."


# --- preview -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PreviewSummary:
    """The number of enrollments that would be migrated, the notes, and the number of each difference."""

    enrollments: int
    notes: tuple[str, ...]
    counts: Mapping[FoldDifference, int]


def _preview(service: Service, order: MigrationPlan, *, ids: bool, form: str) -> None:
    from service.releases.preview import preview_enrollments

    counts: dict[FoldDifference, int] = {}
    enrollments = 0
    with progress_bar("dry run", order.total) as progress:
        for preview in preview_enrollments(service, order):
            enrollments += 1
            progress(1)
            for difference in preview.differences:
                counts[difference] = counts.get(difference, 0) + 1
            if ids:
                PREVIEW.write(preview, form)
    SUMMARY.write(PreviewSummary(enrollments, order.notes, counts), form)


def _preview_lines(preview: MigrationPreview) -> Iterator[str]:
    for difference in preview.differences:
        yield f"{preview.enrollment}  {difference.in_words()}"
    if not preview.differences:
        yield f"{preview.enrollment}  no difference"


def _preview_as_json(preview: MigrationPreview) -> dict[str, Any]:
    return {
        "enrollment": preview.enrollment,
        "differences": [difference_as_json(difference) for difference in preview.differences],
    }


PREVIEW: Writers[MigrationPreview] = Writers(as_text=_preview_lines, as_json=_preview_as_json)


def _summary_lines(summary: PreviewSummary) -> Iterator[str]:
    yield from summary.notes
    yield from difference_counts(summary.counts)
    yield f"{counted(summary.enrollments, 'enrollment')} would be migrated; nothing was changed."


def _summary_as_json(summary: PreviewSummary) -> dict[str, Any]:
    return {
        "people": summary.enrollments,
        "notes": list(summary.notes),
        "differences": difference_counts_as_json(summary.counts),
    }


SUMMARY: Writers[PreviewSummary] = Writers(as_text=_summary_lines, as_json=_summary_as_json)

# --- result ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """A finished migration, and whether the enrollments that failed are named."""

    moved: MigrationResult
    order: MigrationPlan
    shows_ids: bool


def _result_lines(result: MigrationReport) -> Iterator[str]:
    moved = result.moved
    resumed = ", continued after a stop" if moved.is_resumed else ""
    yield f"{counted(moved.moved, 'enrollment')} migrated to release {result.order.to.number}{resumed}."
    if moved.failed:
        yield f"{counted(len(moved.failed), 'enrollment')} could not be migrated and were not changed; see the log."
    if result.shows_ids:
        yield from moved.failed


def _result_as_json(result: MigrationReport) -> dict[str, Any]:
    moved = result.moved
    row = {"move": moved.move.id, "moved": moved.moved, "failed": len(moved.failed), "resumed": moved.is_resumed}
    return row | ({"ids": list(moved.failed)} if result.shows_ids else {})


RESULT: Writers[MigrationReport] = Writers(as_text=_result_lines, as_json=_result_as_json, ascii_only=True)

COMMANDS = (migrate,)
