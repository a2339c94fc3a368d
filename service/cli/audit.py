"""`journeys audit` and `content-history`: the audit trail of approvals, and the content that a patient was shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import parse_time, time_text
from service.cli.approval_steps import signature_in_words, step_as_json, step_in_words
from service.cli.options import database_option, format_option
from service.cli.output import Writers, exit_if
from service.cli.startup import configuration, opened, opened_process

if TYPE_CHECKING:
    from service.publishing.approvals import DisclosedVersion

if TYPE_CHECKING:
    from journeys.review.approval import ApprovalEntry


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Steps in order, the places (journey, sequence) of those that were tampered with, and whether seals are shown."""

    steps: list[ApprovalEntry]
    tampered: frozenset[tuple[str, int]]
    shows_seals: bool

    def is_intact(self, step: ApprovalEntry) -> bool:
        """Whether a step is as it was written."""
        return (step.journey, step.sequence) not in self.tampered


@click.command()
@click.argument("journey", required=False)
@click.option("--head", is_flag=True, help="Only the number and the seal of the last step, to be stored elsewhere.")
@database_option
@format_option
def audit(journey: str | None, head: bool, database: str | None, form: str) -> None:
    """Print the audit trail of approvals: signatures, rejections, recalls, refusals; 1 where it was tampered with.

    Examples: `journeys audit`, `journeys audit nsclc --format json > nsclc-audit.json`
    """
    from service.publishing.trail import read_trail, verify_trails

    key = configuration(database=database).approval_key.encode()
    with opened_process(database) as process:
        steps = read_trail(process, journey)
        tampered = frozenset((broken.journey, broken.sequence) for broken in verify_trails(process, key))
    if head:
        steps = list({step.journey: step for step in steps}.values())
    trail = AuditTrail(steps, tampered, shows_seals=head)
    TRAIL.write(trail, form)
    exit_if(not all(trail.is_intact(step) for step in steps))


def _trail_lines(trail: AuditTrail) -> Iterator[str]:
    for step in trail.steps:
        yield step_in_words(step) + ("" if trail.is_intact(step) else "  TAMPERED")
        if trail.shows_seals:
            yield f"  {step.seal}"


TRAIL: Writers[AuditTrail] = Writers(
    as_text=_trail_lines,
    as_json=lambda trail: [step_as_json(step) | {"intact": trail.is_intact(step)} for step in trail.steps],
    indent=1,
)


@click.command(name="content-history")
@click.argument("patient")
@click.option("--on", metavar="DAY", help="Until the end of this day (UTC); until now by default.")
@database_option
@format_option
def content_history(patient: str, on: str | None, database: str | None, form: str) -> None:
    """List the versions of content that a patient was shown, with their signatures.

    PATIENT is the reference with which they were enrolled.

    Example: `journeys content-history p-1 --on 2026-08-05`
    """
    from service.publishing import approvals

    with opened(database) as service:
        HISTORY.write(approvals.list_disclosures(service, patient, before=_end_of(on) if on else service.clock()), form)


def _history_lines(views: list[DisclosedVersion]) -> Iterator[str]:
    for view in views:
        piece = f"{view.piece} version {view.number or '?'}"
        yield f"{time_text(view.first_at)}  {view.journey}  {piece}  {view.locale}  {view.channel}  {view.enrollment}"
        yield from (f"    {signature_in_words(step)}" for step in view.signatures)
        if not view.signatures:
            yield "    not signed: its purpose needs no signature, or it was a draft"


def _view_as_json(view: DisclosedVersion) -> dict[str, Any]:
    return {
        "enrollment": view.enrollment,
        "journey": view.journey,
        "piece": view.piece,
        "number": view.number,
        "version": view.version,
        "locale": view.locale,
        "channel": view.channel,
        "first_at": time_text(view.first_at),
        "signatures": [step_as_json(step) for step in view.signatures],
    }


HISTORY: Writers[list[DisclosedVersion]] = Writers(
    as_text=_history_lines, as_json=lambda views: [_view_as_json(view) for view in views], indent=1
)


def _end_of(day: str) -> datetime:
    try:
        at, is_day = parse_time(day)
    except ValueError as error:
        raise click.UsageError(f"--on must be a day such as 2026-01-15: {error}.") from None
    return at + timedelta(days=1) if is_day else at


COMMANDS = (audit, content_history)
