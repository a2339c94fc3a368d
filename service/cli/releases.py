"""The commands of those who change a journey that people are in: compare, backtest, migrate."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rich_click as click

from journeys.analysis.comparison import Comparison, FoldDifference, Tried
from journeys.primitives.problems import counted
from service.cli.files import Files, refuse
from service.cli.options import content_option, database_option, definitions_option, format_option
from service.cli.startup import opened
from service.platform import errors
from service.publishing.service import Service
from service.releases import backtest as backtesting
from service.releases import migrate as moving
from service.releases.backtest import Backtest, Candidate
from service.releases.migrate import FOLLOW, MAP, Chosen, Destination, Foreseen, Moved, Order, Outlook

to_option = click.option("--to", help="A published release, by its number or id; what is in the files unless given.")
map_option = click.option(
    "--map",
    "mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of `old state: new state`, a line each, in full; for states that have another name.",
)
ids_option = click.option("--ids", is_flag=True, help="Name each enrollment; for staff alone.")


@click.command(name="compare")
@click.argument("journey")
@click.option("--from", "since", help="A published release, by its number or id; the active one unless given.")
@to_option
@map_option
@ids_option
@database_option
@definitions_option
@content_option
@format_option
def compare_releases(
    journey: str,
    since: str | None,
    to: str | None,
    mapping: Path | None,
    ids: bool,
    database: str | None,
    definitions: str,
    content: str,
    form: str,
) -> None:
    """Say what two releases differ in, who stands where, and what would become of them; 1 when some have no target.

    Examples: `journeys compare nsclc`, `journeys compare nsclc --from 1 --to 2 --map map.yaml`
    """
    files = Files(Path(definitions), Path(content))
    with opened(database) as service:
        old = moving.destination(service, journey, since) if since else moving.active(service, journey)
        new = moving.destination(service, journey, to) if to else _drafted(files, journey)
        compared = moving.compare_with(old, new)
        order = moving.order(service, journey, new, _chosen(mapping) or Chosen(FOLLOW))
        seeing: list[tuple[str, str]] = []
        noted: Callable[[str, str], None] | None = (lambda one, place: seeing.append((one, place))) if ids else None
        outlook = moving.outlook(service, order, each=noted)
    if form == "json":
        found = (
            compared.as_json() | _people_as_json(order, outlook) | ({"would_see_other": dict(seeing)} if ids else {})
        )
        click.echo(json.dumps(found, ensure_ascii=False))
    for line in _compared_in_words(compared, order, outlook) if form == "text" else ():
        click.echo(line)
    for one, place in seeing if form == "text" else ():
        click.echo(f"{one}  in {place}  would see other content")
    if order.stranded:
        sys.exit(1)


@click.command()
@click.argument("journey")
@to_option
@map_option
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes.")
@ids_option
@database_option
@definitions_option
@content_option
@format_option
def backtest(
    journey: str,
    to: str | None,
    mapping: Path | None,
    workers: int,
    ids: bool,
    database: str | None,
    definitions: str,
    content: str,
    form: str,
) -> None:
    """Fold everybody's recorded events again under another release and count every difference; nothing is changed.

    Twice: as if the release had been theirs from the beginning, and as if they were moved to it now. 1 when anything
    but names differs.

    Examples: `journeys backtest nsclc`, `journeys backtest nsclc --to 2 --workers 4 --format json`
    """
    files = Files(Path(definitions), Path(content))
    with opened(database) as service:
        candidate = Candidate(moving.destination(service, journey, to).release.id) if to else _candidate(files, journey)
        plan = candidate.read(service).plan
        given = moving.read_map(service, journey, plan, _chosen(mapping) or Chosen(FOLLOW))
        total = backtesting.count_people(service, journey)
        with _progress("backtest", total) as progress:
            each = _say_tried if ids else None
            found = backtesting.backtest(
                service, journey, candidate, given, workers=workers, progress=progress, each=each
            )
    if form == "json":
        click.echo(json.dumps(_backtest_as_json(found), ensure_ascii=False))
    for line in _backtest_in_words(found) if form == "text" else ():
        click.echo(line)
    if found.is_different:
        sys.exit(1)


@click.command()
@click.argument("journey")
@click.option("--to", required=True, metavar="RELEASE", help="A published release, by its number or id.")
@map_option
@click.option("--follow", is_flag=True, help="By names and what was renamed alone, whatever the release's policy is.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of everybody.")
@click.option("--give-up", is_flag=True, help="End a move that was stopped; whoever was moved stays so.")
@click.option("--batch", type=click.IntRange(1, 10_000), default=100, show_default=True, help="People a batch.")
@ids_option
@database_option
@format_option
def migrate(
    journey: str,
    to: str,
    mapping: Path | None,
    follow: bool,
    dry_run: bool,
    give_up: bool,
    batch: int,
    ids: bool,
    database: str | None,
    form: str,
) -> None:
    """Move everybody of a journey to another release, in batches; stopped at any point, the same command goes on.

    States go by the mapping, by what the release says was renamed, or by their names. Back to an earlier release it
    is the way there, turned round. 1 when somebody has no target, or could not be moved.

    Examples: `journeys migrate nsclc --to 2 --dry-run`, `journeys migrate nsclc --to 2 --map map.yaml`
    """
    if follow and mapping is not None:
        raise click.UsageError("Say either --follow or --map.")
    with opened(database) as service:
        if give_up:
            ended = moving.give_up(service, journey)
            click.echo("There is no move to give up." if ended is None else f"Given up: move {ended.number}.")
            return
        there = moving.destination(service, journey, to)
        with _not_now():
            order = moving.order(service, journey, there, Chosen(FOLLOW) if follow else _chosen(mapping))
        if order.missing:
            for line in _missing_in_words(order):
                click.echo(line, err=form == "json")
            sys.exit(1)
        if dry_run:
            _say_foreseen(service, order, ids=ids, form=form)
            return
        for note in order.notes:
            click.echo(note, err=True)
        with _progress("migrate", order.total) as progress, _not_now():
            done = moving.migrate(service, order, batch=batch, progress=progress)
    _say_moved(done, order, ids=ids, form=form)
    if done.failed:
        sys.exit(1)


# --- what is read --------------------------------------------------------------------------------------------------


def _chosen(mapping: Path | None) -> Chosen | None:
    return Chosen(MAP, mapping.read_bytes(), str(mapping)) if mapping is not None else None


def _drafted(files: Files, journey: str) -> Destination:
    release, catalogue = files.load(journey)
    return Destination(release, None, catalogue)


def _candidate(files: Files, journey: str) -> Candidate:
    path = files.definition(journey)
    linted = files.lint(path)
    if not linted.is_publishable:
        refuse(linted)
    sources = tuple(source.to_stored() for source in linted.sources)
    return Candidate(definition=path.read_bytes(), file=path.name, pieces=sources)


@contextmanager
def _not_now() -> Iterator[None]:
    """What stands against a move just now ends the command with its sentence and 1."""
    try:
        yield
    except errors.Conflict as error:
        click.echo(error.detail, err=True)
        sys.exit(1)


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the error output while there is somebody to see it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


# --- what is said --------------------------------------------------------------------------------------------------


def _number(order: Order, release: str) -> str:
    return f"release {order.numbers.get(release, release[:8])}"


def _compared_in_words(compared: Comparison, order: Order, outlook: Outlook) -> Iterator[str]:
    yield from compared.in_words()
    yield ""
    for (release, place), count in sorted(order.standing.items()):
        yield f"{count:7,}  in {place}, {_number(order, release)}"
    for (release, place, to), count in sorted(outlook.moving.items()):
        yield f"{count:7,}  would go from {place} to {to}, {_number(order, release)}"
    for (release, place), count in sorted(outlook.seeing.items()):
        yield f"{count:7,}  in {place} would see other content, {_number(order, release)}"
    for one in order.missing:
        if one.people:
            yield one.in_words()
        else:
            yield f"Nobody stands in '{one.state}' of release {one.number}, which has no target."


def _missing_in_words(order: Order) -> Iterator[str]:
    yield from order.notes
    for one in order.missing:
        yield one.in_words()
    yield f"Nobody was moved: {counted(len(order.missing), 'state')} without a target."


def _people_as_json(order: Order, outlook: Outlook) -> dict[str, Any]:
    return {
        "standing": [
            {"release": release, "state": place, "people": count}
            for (release, place), count in sorted(order.standing.items())
        ],
        "moving": [
            {"release": release, "from": place, "to": to, "people": count}
            for (release, place, to), count in sorted(outlook.moving.items())
        ],
        "seeing_other_content": [
            {"release": release, "state": place, "people": count}
            for (release, place), count in sorted(outlook.seeing.items())
        ],
        "without_target": [{"release": one.release, "state": one.state, "people": one.people} for one in order.missing],
    }


def _say_foreseen(service: Service, order: Order, *, ids: bool, form: str) -> None:
    counts: dict[FoldDifference, int] = {}
    people = 0
    with _progress("dry run", order.total) as progress:
        for one in moving.foresee(service, order):
            people += 1
            progress(1)
            for difference in one.differences:
                counts[difference] = counts.get(difference, 0) + 1
            if ids and form == "text":
                for line in _foreseen_in_words(one):
                    click.echo(line)
            elif ids:
                click.echo(json.dumps(_foreseen_as_json(one), ensure_ascii=False))
    if form == "json":
        found = {"people": people, "notes": list(order.notes), "differences": _counted_as_json(counts)}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for note in order.notes:
        click.echo(note)
    for difference, count in sorted(counts.items()):
        click.echo(f"{count:7,}  {difference.in_words()}")
    click.echo(f"{counted(people, 'enrollment')} would be moved; nothing was changed.")


def _foreseen_in_words(one: Foreseen) -> Iterator[str]:
    for difference in one.differences:
        yield f"{one.enrollment}  {difference.in_words()}"
    if not one.differences:
        yield f"{one.enrollment}  nothing differs"


def _foreseen_as_json(one: Foreseen) -> dict[str, Any]:
    return {"enrollment": one.enrollment, "differences": [_as_json(each) for each in one.differences]}


def _say_moved(done: Moved, order: Order, *, ids: bool, form: str) -> None:
    if form == "json":
        found = {"move": done.move.id, "moved": done.moved, "failed": len(done.failed), "resumed": done.is_resumed}
        click.echo(json.dumps(found | ({"ids": list(done.failed)} if ids else {})))
        return
    went_on = ", gone on with after it was stopped" if done.is_resumed else ""
    click.echo(f"{counted(done.moved, 'enrollment')} moved to release {order.to.number}{went_on}.")
    if done.failed:
        click.echo(f"{counted(len(done.failed), 'enrollment')} could not be moved and stay; the log says why.")
    for one in done.failed if ids else ():
        click.echo(one)


def _say_tried(tried: Tried) -> None:
    for difference in tried.beginning:
        click.echo(f"{tried.enrollment}  from the beginning: {difference.in_words()}")
    for difference in tried.moved or ():
        click.echo(f"{tried.enrollment}  moved now: {difference.in_words()}")


def _backtest_in_words(found: Backtest) -> Iterator[str]:
    yield f"{counted(found.people, 'enrollment')}, {counted(found.events, 'event')} folded again."
    yield f"From the beginning, {found.differing:,} of them would stand otherwise:"
    for difference, count in sorted(found.beginning.items()):
        yield f"{count:7,}  {difference.in_words()}"
    yield f"Moved now, something would change for {found.differing_moved:,}:"
    for difference, count in sorted(found.moved.items()):
        yield f"{count:7,}  {difference.in_words()}"
    yield f"{found.staying:,} would not be moved: they have ended, or have no target."


def _backtest_as_json(found: Backtest) -> dict[str, Any]:
    return {
        "enrollments": found.people,
        "events": found.events,
        "from_the_beginning": {
            "enrollments": found.differing,
            "differences": _counted_as_json(found.beginning),
        },
        "moved_now": {"enrollments": found.differing_moved, "differences": _counted_as_json(found.moved)},
        "not_moved": found.staying,
    }


def _counted_as_json(counts: Mapping[FoldDifference, int]) -> list[dict[str, Any]]:
    return [_as_json(difference) | {"enrollments": count} for difference, count in sorted(counts.items())]


def _as_json(difference: FoldDifference) -> dict[str, Any]:
    return {
        "what": difference.what,
        "name": difference.name,
        "before": difference.before,
        "after": difference.after,
    }


COMMANDS = (compare_releases, backtest, migrate)
