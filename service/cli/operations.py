"""`journeys status`, `stuck` and `verify`: the condition of the service for operators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted
from service.cli.differences import difference_lines, number_of_differences
from service.cli.options import database_option, format_option
from service.cli.output import Writers, exit_if
from service.cli.progress import progress_bar
from service.cli.startup import configuration, opened, opened_process

if TYPE_CHECKING:
    from journeys.engine import Difference
    from service.operations.status import Status
    from service.operations.verify import Stuck

if TYPE_CHECKING:
    from service.operations.status import Ending


@click.command()
@click.option("--stuck", "report", flag_value="stuck", help="The enrollments that wait or fail, as `journeys stuck`.")
@click.option("--verify", "report", flag_value="verify", help="What differs from the logs, as `journeys verify`.")
@click.option("--doctor", "report", flag_value="doctor", help="What keeps it from starting, as `journeys doctor`.")
@database_option
@format_option
@click.pass_context
def status(context: click.Context, report: str | None, database: str | None, form: str) -> None:
    """Show whether the service is well, on one screen; 1 when something is late.

    The limits are set by JOURNEYS_LATE_TIMER, _WORKER, _TASK, _BACKUP, _APPROVAL, _MESSAGE, _LETTER, _FEED (seconds),
    _STUCK (enrollments) and _FAILED (messages in a day).

    Examples: `journeys status --format json`, `journeys status --stuck`
    """
    from service.operations.status import read_status

    if report is not None:
        context.invoke(_report(report), database=database, form=form)
        return
    config = configuration(database=database)
    with opened_process(database) as process:
        condition = read_status(process, config)
    STATUS.write(condition, form)
    exit_if(condition.is_late)


def _report(name: str) -> click.Command:
    """The command that `status` runs in place of its own report."""
    if name == "doctor":
        from service.cli.doctor import doctor  # it reads the files of authors too

        return doctor
    return {"stuck": stuck, "verify": verify}[name]


def _status_lines(report: Status) -> Iterator[str]:
    width = max(len(line.result) for line in report.lines)
    for line in report.lines:
        yield f"{'ok  ' if line.is_good else 'LATE'}  {line.name:9}  {line.result:{width}}  (allowed: {line.allowed})"
    for ending in report.endings:
        ends = "ended" if ending.at <= report.at else "ends"
        yield f"      approval   {_approval_in_words(ending)} {ends} {time_text(ending.at)}"
    for release in report.releases:
        yield f"      release    {release.journey} {release.number}: {counted(release.enrollments, 'enrollment')}"
    size = f"{report.size / 1e6:.1f} MB"
    yield f"      database   {size}, {counted(report.enrollments, 'enrollment')}, at {time_text(report.at)}"


def _approval_in_words(ending: Ending) -> str:
    subject = ending.subject
    name = f"{subject.key} version {ending.number}" if subject.kind == "piece" else f"release {ending.number}"
    return f"{subject.journey}: {name} in {subject.locale}"


def _status_as_json(report: Status) -> dict[str, Any]:
    return {
        "at": time_text(report.at),
        "late": report.is_late,
        "lines": [
            {
                "name": line.name,
                "good": line.is_good,
                "found": line.result,
                "allowed": line.allowed,
                "value": line.value if isfinite(line.value) else None,
            }
            for line in report.lines
        ],
        "oldest_due": _time(report.oldest_due),
        "last_beat": _time(report.last_beat),
        "last_backup": _time(report.last_backup),
        "approvals": [
            {
                **asdict(ending.subject),
                "number": ending.number,
                "ends_at": time_text(ending.at),
                "ended": ending.at <= report.at,
            }
            for ending in report.endings
        ],
        "releases": [asdict(release) for release in report.releases],
        "enrollments": report.enrollments,
        "database_bytes": report.size,
    }


STATUS: Writers[Status] = Writers(as_text=_status_lines, as_json=_status_as_json, ascii_only=True)


def _time(at: datetime | None) -> str | None:
    return time_text(at) if at is not None else None


@click.command()
@database_option
@format_option
def stuck(database: str | None, form: str) -> None:
    """List enrollments whose events wait for facts or were ignored, or whose timers fail; 1 when there are any."""
    from service.operations.verify import find_stuck

    with opened_process(database) as process:
        enrollments = list(find_stuck(process))
    STUCK.write(enrollments, form)
    exit_if(enrollments)


def _stuck_lines(enrollments: list[Stuck]) -> Iterator[str]:
    for enrollment in enrollments:
        for event in enrollment.events:
            reason = ", ".join(event.for_facts) or "; ".join(event.why)
            yield f"{enrollment.enrollment}  {time_text(event.at)}  {event.type}  {event.outcome}: {reason}"
        if enrollment.failures:
            yield f"{enrollment.enrollment}  timers failed {counted(enrollment.failures, 'time')}"


def _stuck_as_json(enrollment: Stuck) -> dict[str, Any]:
    return {
        "enrollment": enrollment.enrollment,
        "journey": enrollment.journey,
        "failures": enrollment.failures,
        "events": [
            {
                "event": event.event,
                "type": event.type,
                "at": time_text(event.at),
                "outcome": event.outcome,
                "waiting_for": list(event.for_facts),
                "why": list(event.why),
            }
            for event in enrollment.events
        ],
    }


STUCK: Writers[list[Stuck]] = Writers(
    as_text=_stuck_lines,
    as_json=lambda enrollments: [_stuck_as_json(enrollment) for enrollment in enrollments],
    ascii_only=True,
)


@click.command()
@database_option
@click.option("--repair", "is_repaired", is_flag=True, help="Fold what differs, or lies in the future, to now again.")
@format_option
def verify(database: str | None, is_repaired: bool, form: str) -> None:
    """Fold every enrollment's log again and compare it with the stored state; 1 when anything differs.

    A state in the future was folded while the clock was ahead. With --repair, the states that differ are folded again
    to now; timers that fired too early are undone. An event that lies in the future itself must be retracted.
    """
    from service.operations.heartbeats import take_back_clock
    from service.operations.refold import repair
    from service.operations.verify import find_ahead, verify_all

    with opened(database) as service, progress_bar("Folding"):
        if is_repaired:
            outdated = {difference.enrollment for difference in (*find_ahead(service), *verify_all(service))}
            click.echo(f"{counted(repair(service, sorted(outdated)), 'enrollment')} repaired.", err=True)
            take_back_clock(service)
        differences = [*find_ahead(service), *verify_all(service)]
    DIFFERENCES.write(differences, form)
    exit_if(differences)


DIFFERENCES: Writers[list[Difference]] = Writers(
    as_text=difference_lines,
    as_json=lambda differences: [
        {"enrollment": difference.enrollment, "part": difference.part} for difference in differences
    ],
    notes=number_of_differences,
    ascii_only=True,
)


@click.command()
@database_option
def resume(database: str | None) -> None:
    """Tell the workers that the clock of this machine is right.

    A worker whose clock is more than a day ahead of the last heartbeat of any worker fires nothing: the clock may be
    wrong. After an outage of more than a day, check the clock, then use this command.
    """
    from service.operations.heartbeats import accept_clock

    with opened_process(database) as process:
        click.echo(f"The workers go on at {time_text(accept_clock(process))}.")


COMMANDS = (status, stuck, verify, resume)
