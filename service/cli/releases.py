"""`journeys compare` and `journeys backtest`: the effect of another release, before anything is migrated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.files import Files, files_options, refuse
from service.cli.options import database_option, format_option
from service.cli.output import Writers, exit_if, write_lines
from service.cli.progress import progress_bar
from service.cli.release_options import (
    Target,
    difference_counts,
    difference_counts_as_json,
    ids_option,
    policy_of,
    target_options,
)
from service.cli.startup import opened

if TYPE_CHECKING:
    from service.releases.backtest import Backtest

if TYPE_CHECKING:
    from journeys.analysis.comparison import Comparison, Tried
    from service.releases.backtest import Candidate
    from service.releases.destination import Destination
    from service.releases.plan import MigrationPlan
    from service.releases.preview import MigrationImpact


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """The changes between two releases, the patients in each state, and the effect of a migration on them.

    `other_content` has the state of each enrollment that would see other content; None where ids were not requested.
    """

    changes: Comparison
    order: MigrationPlan
    outlook: MigrationImpact
    other_content: dict[str, str] | None


@click.command(name="compare")
@click.argument("journey")
@click.option("--from", "since", help="A published release, by its number or id; the active one by default.")
@target_options
@ids_option
@database_option
@files_options
@format_option
def compare_releases(
    journey: str, since: str | None, target: Target, ids: bool, database: str | None, files: Files, form: str
) -> None:
    """Compare two releases: what changed, how many patients are in each state, and where a migration would put them.

    Ends with 1 where patients are in a state without a target.

    Examples: `journeys compare nsclc`, `journeys compare nsclc --from 1 --to 2 --map map.yaml`
    """
    from service.releases.destination import active_destination, compare_destinations, find_destination
    from service.releases.plan import plan_migration
    from service.releases.policies import FOLLOW
    from service.releases.policy import PolicyChoice
    from service.releases.preview import measure_impact

    with opened(database) as service:
        old = find_destination(service, journey, since) if since else active_destination(service, journey)
        new = find_destination(service, journey, target.to) if target.to else _read_draft(files, journey)
        changes = compare_destinations(old, new)
        order = plan_migration(service, journey, new, policy_of(target.mapping) or PolicyChoice(FOLLOW))
        other_content: dict[str, str] | None = {} if ids else None
        outlook = measure_impact(service, order, each=other_content.__setitem__ if other_content is not None else None)
    COMPARISON.write(ReleaseComparison(changes, order, outlook, other_content), form)
    exit_if(order.stranded)


@click.command()
@click.argument("journey")
@target_options
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="The number of processes.")
@ids_option
@database_option
@files_options
@format_option
def backtest(
    journey: str, target: Target, workers: int, ids: bool, database: str | None, files: Files, form: str
) -> None:
    """Fold the recorded events of every enrollment again under another release and count the differences.

    Each enrollment is tried twice: as if it had been in the release from the beginning, and as if it were migrated now.
    Nothing is changed. Ends with 1 where anything but a name differs.

    Examples: `journeys backtest nsclc`, `journeys backtest nsclc --to 2 --workers 4 --format json`
    """
    from service.releases.backtest import Candidate, count_people, run_backtest
    from service.releases.destination import find_destination
    from service.releases.policies import FOLLOW
    from service.releases.policy import PolicyChoice, read_map

    with opened(database) as service:
        if target.to:
            candidate = Candidate(find_destination(service, journey, target.to).release.id)
        else:
            candidate = _read_candidate(files, journey)
        plan = candidate.read(service).plan
        mapping = read_map(service, journey, plan, policy_of(target.mapping) or PolicyChoice(FOLLOW))
        with progress_bar("backtest", count_people(service, journey)) as progress:
            result = run_backtest(
                service,
                journey,
                candidate,
                mapping,
                workers=workers,
                progress=progress,
                each=_write_differences if ids else None,
            )
    BACKTEST.write(result, form)
    exit_if(result.is_different)


def _read_draft(files: Files, journey: str) -> Destination:
    from service.releases.destination import Destination

    release, catalogue = files.load(journey)
    return Destination(release, None, catalogue, files.programmes(release.plan.journey))


def _read_candidate(files: Files, journey: str) -> Candidate:
    from service.releases.backtest import Candidate

    path = files.definition(journey)
    linted = files.lint(path)
    if not linted.is_publishable:
        refuse(linted)
    sources = tuple(source.to_stored() for source in linted.sources)
    return Candidate(definition=path.read_bytes(), file=path.name, pieces=sources)


def _write_differences(tried: Tried) -> None:
    write_lines(f"{tried.enrollment}  from the beginning: {difference.in_words()}" for difference in tried.beginning)
    write_lines(f"{tried.enrollment}  migrated now: {difference.in_words()}" for difference in tried.moved or ())


# --- results -----------------------------------------------------------------------------------------------------


def _comparison_lines(comparison: ReleaseComparison) -> Iterator[str]:
    order, outlook = comparison.order, comparison.outlook

    def name_of(release: str) -> str:
        return f"release {order.numbers.get(release, release[:8])}"

    yield from comparison.changes.in_words()
    yield ""
    for (release, state), count in sorted(order.counts.items()):
        yield f"{count:7,}  in {state}, {name_of(release)}"
    for (release, state, to), count in sorted(outlook.moving.items()):
        yield f"{count:7,}  would go from {state} to {to}, {name_of(release)}"
    for (release, state), count in sorted(outlook.seeing.items()):
        yield f"{count:7,}  in {state} would see other content, {name_of(release)}"
    for missing in order.missing:
        if missing.people:
            yield missing.in_words()
        else:
            yield f"'{missing.state}' of release {missing.number} has no target; no patient is in it."
    for enrollment, state in (comparison.other_content or {}).items():
        yield f"{enrollment}  in {state}  would see other content"


def _comparison_as_json(comparison: ReleaseComparison) -> dict[str, Any]:
    order, outlook = comparison.order, comparison.outlook
    row: dict[str, Any] = comparison.changes.as_json() | {
        "standing": [
            {"release": release, "state": state, "people": count}
            for (release, state), count in sorted(order.counts.items())
        ],
        "moving": [
            {"release": release, "from": state, "to": to, "people": count}
            for (release, state, to), count in sorted(outlook.moving.items())
        ],
        "seeing_other_content": [
            {"release": release, "state": state, "people": count}
            for (release, state), count in sorted(outlook.seeing.items())
        ],
        "without_target": [
            {"release": missing.release, "state": missing.state, "people": missing.people} for missing in order.missing
        ],
    }
    return row if comparison.other_content is None else row | {"would_see_other": comparison.other_content}


COMPARISON: Writers[ReleaseComparison] = Writers(as_text=_comparison_lines, as_json=_comparison_as_json)


def _backtest_lines(result: Backtest) -> Iterator[str]:
    yield f"{counted(result.people, 'enrollment')}, {counted(result.events, 'event')} folded again."
    yield f"In this release from the beginning, {result.differing:,} of them would differ:"
    yield from difference_counts(result.beginning)
    yield f"Migrated now, {result.differing_moved:,} of them would change:"
    yield from difference_counts(result.moved)
    yield f"{result.staying:,} would not be migrated: they have ended, or have no target."


def _backtest_as_json(result: Backtest) -> dict[str, Any]:
    return {
        "enrollments": result.people,
        "events": result.events,
        "from_the_beginning": {
            "enrollments": result.differing,
            "differences": difference_counts_as_json(result.beginning),
        },
        "moved_now": {
            "enrollments": result.differing_moved,
            "differences": difference_counts_as_json(result.moved),
        },
        "not_moved": result.staying,
    }


BACKTEST: Writers[Backtest] = Writers(as_text=_backtest_lines, as_json=_backtest_as_json)

COMMANDS = (compare_releases, backtest)
