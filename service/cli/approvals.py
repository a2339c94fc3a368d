"""The commands of those who approve: sign, reject, recall, releases, the record, what was shown and who approved it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import rich_click as click

from journeys.primitives.canonical import parse_time, time_text
from journeys.review.approval import FUNCTIONS, STRUCTURE, Step
from service import processes
from service.cli.options import database_option, format_option
from service.cli.startup import opened
from service.publishing import approvals
from service.publishing.approvals import ApprovalStatus, PieceDisclosure, RecallScope, ReleaseStatus, Signer
from service.publishing.service import Service

as_option = click.option("--as", "account", metavar="NAME", help="The account that acts; its password is asked for.")
acting_option = click.option(
    "--as", "account", required=True, metavar="NAME", help="The account that acts; its password is asked for."
)
locale_option = click.option(
    "--locale", "locales", multiple=True, metavar="LOCALE", help="In this language alone; may be repeated."
)
piece_option = click.option(
    "--piece", "pieces", multiple=True, metavar="KEY", help="This piece alone; may be repeated. 'structure': no piece."
)


@click.command()
@click.argument("journey")
@as_option
@piece_option
@locale_option
@click.option("--function", "functions", multiple=True, metavar="NAME", help="As this alone; may be repeated.")
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="ID",
    help="A question of the checklist that is answered with yes; may be repeated. 'all': each of them.",
)
@click.option("--meaning", default="I have read it and approve it for patients.", show_default=True, metavar="TEXT")
@database_option
@format_option
def approve(
    journey: str,
    account: str | None,
    pieces: tuple[str, ...],
    locales: tuple[str, ...],
    functions: tuple[str, ...],
    confirmed: tuple[str, ...],
    meaning: str,
    database: str | None,
    form: str,
) -> None:
    """Sign what waits for signatures; without --as, show how everything stands.

    Signed is what the account may sign: its functions, its languages, and nobody's own work. The password is read from
    the standard input where that is no terminal. To sign a piece is to say yes to each question of the checklist;
    without --confirm, nothing is signed and the questions are shown.

    Examples: `journeys approve nsclc`, `journeys approve nsclc --as kim --locale en --piece scan-due --confirm all`
    """
    wanted = _wanted(pieces, locales)
    with opened(database) as service:
        if account is None:
            _show([one for one in approvals.list_statuses(service, journey) if wanted(one)], form)
            return
        said_yes = _confirmed(confirmed)
        signer = _restricted(_signed_in(service, account), functions)
        steps = approvals.sign_all(
            service, signer, journey, meaning=meaning, confirmed=said_yes, now=service.clock(), include=wanted
        )
        left = [one for one in approvals.list_statuses(service, journey) if one.word == "in_review"]
        released = approvals.list_release_statuses(service, journey)[0]
    if form == "json":
        click.echo(json.dumps([step_as_json(step) for step in steps], ensure_ascii=False))
        return
    for step in steps:
        click.echo(_step_in_words(step))
    click.echo(f"{len(steps)} signed; {len(left)} still wait for signatures.")
    for line in what_is_next(journey, left, released):
        click.echo(line)


@click.command()
@click.argument("journey")
@click.argument("piece")
@acting_option
@click.option("--locale", required=True, metavar="LOCALE", help="In which language.")
@click.option("--function", required=True, type=click.Choice(FUNCTIONS), help="As what.")
@click.option("--comment", required=True, metavar="TEXT", help="What must be better.")
@database_option
def reject(
    journey: str, piece: str, account: str, locale: str, function: str, comment: str, database: str | None
) -> None:
    """Reject what is in review, with a comment; it is a draft again, and nobody's signature under it counts.

    PIECE is the key of a piece, or 'structure' for the titles and words of the newest release.

    Example: `journeys reject nsclc scan-due --as kim --locale es --function medical --comment "The number is wrong."`
    """
    with opened(database) as service:
        signer = _signed_in(service, account)
        found = [
            one
            for one in approvals.list_statuses(service, journey)
            if _wanted((piece,), (locale,))(one) and one.word in ("in_review", "approved", "active", "draft")
        ]
        if not found:
            raise click.UsageError(f"There is nothing of '{piece}' in '{locale}' to reject.")
        one = found[0]
        step = approvals.reject(
            service, signer, one.subject, one.digest, function=function, comment=comment, now=service.clock()
        )
    click.echo(_step_in_words(step))


@click.command()
@click.argument("journey")
@click.argument("piece")
@acting_option
@locale_option
@click.option("--comment", required=True, metavar="TEXT", help="Why.")
@database_option
def recall(
    journey: str, piece: str, account: str, locales: tuple[str, ...], comment: str, database: str | None
) -> None:
    """Stop a piece for everybody at once, every version of it; what waits to be sent of it is taken back.

    Only another version, published and signed, comes after it.

    Example: `journeys recall nsclc scan-due --as pia --comment "The dose is wrong."`
    """
    with opened(database) as service:
        signer = _signed_in(service, account)
        scope = RecallScope(journey, piece, locales=locales or None)
        steps = approvals.recall(service, signer, scope, comment=comment, now=service.clock())
    for step in steps:
        click.echo(_step_in_words(step))
    click.echo(f"Nobody is given '{piece}' any more." if not locales else f"Recalled in {', '.join(locales)}.")


@click.group()
def release() -> None:
    """List the releases of a journey, and make one the active one."""


@release.command(name="list")
@click.argument("journey")
@database_option
@format_option
def list_releases(journey: str, database: str | None, form: str) -> None:
    """List the releases of a journey, the newest first.

    Example: `journeys release list nsclc`
    """
    with opened(database) as service:
        found = approvals.list_release_statuses(service, journey)
    if form == "json":
        click.echo(json.dumps([_release_as_json(one) for one in found]))
        return
    for one in found:
        lacking = sorted({part.subject.locale for part in one.structure if part.missing})
        waits = f"  to be signed in {', '.join(lacking)}" if lacking else ""
        people = "  has enrollments" if one.enrollments else ""
        published = time_text(one.published_at)
        click.echo(f"{one.number}  {one.word:10}  {one.release[:12]}  published {published}{people}{waits}")


@release.command()
@click.argument("journey")
@click.argument("number", type=int, required=False)
@acting_option
@database_option
def activate(journey: str, number: int | None, account: str, database: str | None) -> None:
    """Make a release the one that new enrollments get; those enrolled before stay in theirs.

    NUMBER is the release's; the newest unless given. Its titles and words must be approved in every language.

    Example: `journeys release activate nsclc --as pia`
    """
    with opened(database) as service:
        found = approvals.list_release_statuses(service, journey)
        chosen = found[0] if number is None else next((one for one in found if one.number == number), None)
        if chosen is None:
            raise click.UsageError(f"There is no release {number} of '{journey}'; `journeys release list` has them.")
        signer = _signed_in(service, account)
        approvals.activate(service, signer, journey, chosen.release, now=service.clock())
    click.echo(f"{journey}: release {chosen.number} is active; new enrollments get it.")


@click.command()
@click.argument("journey", required=False)
@click.option("--head", is_flag=True, help="Only the last line's place and seal, to be kept elsewhere.")
@database_option
@format_option
def trail(journey: str | None, head: bool, database: str | None, form: str) -> None:
    """The whole record of approvals: every signature, rejection, recall and refusal; 1 where it was tampered with.

    Examples: `journeys trail`, `journeys trail nsclc --format json > nsclc-trail.json`
    """
    with opened(database) as service:
        steps = approvals.read_trail(service, journey)
        broken = {(one.journey, one.sequence) for one in approvals.verify_trails(service)}
    if head:
        last = {step.journey: step for step in steps}
        steps = list(last.values())
    rows = [step_as_json(step) | {"intact": (step.journey, step.sequence) not in broken} for step in steps]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    for step, row in zip(steps, rows, strict=True) if form == "text" else ():
        click.echo(_step_in_words(step) + ("" if row["intact"] else "  NOT AS IT WAS WRITTEN"))
        if head:
            click.echo(f"  {step.seal}")
    if not all(row["intact"] for row in rows):
        sys.exit(1)


@click.command()
@click.argument("patient")
@click.option("--on", "on", metavar="DAY", help="Up to the end of this day (UTC); until now unless given.")
@database_option
@format_option
def shown(patient: str, on: str | None, database: str | None, form: str) -> None:
    """Which versions a patient was shown, and who had approved them.

    PATIENT is their reference, as it was given when they were enrolled.

    Example: `journeys shown p-1 --on 2026-08-05`
    """
    with opened(database) as service:
        found = approvals.list_disclosures(service, patient, before=_end_of(on) if on else service.clock())
    if form == "json":
        click.echo(json.dumps([_given_as_json(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        click.echo(
            f"{time_text(one.first_at)}  {one.journey}  {one.piece} version {one.number or '?'}  {one.locale}  "
            f"{one.channel}  {one.enrollment}"
        )
        for step in one.signatures:
            click.echo(f"    {_signature(step)}")
        if not one.signatures:
            click.echo("    signed by nobody: its purpose asked for no signature, or it was a draft")


# --- in words, as JSON -------------------------------------------------------------------------------------------


def what_is_next(journey: str, left: Iterable[ApprovalStatus], newest: ReleaseStatus) -> Iterator[str]:
    """The line to type next, so that what was published reaches patients."""
    waiting = list(left)
    functions = sorted({function for one in waiting for function in one.missing})
    if waiting:
        yield (
            f"{len(waiting)} wait for signatures ({', '.join(functions)}); next: "
            f"journeys approve {journey} --as <a reviewer's account> --confirm all"
        )
    if newest.word in ("in_review", "approved"):
        first = "then: " if waiting else f"Release {newest.number} is approved and not active yet; next: "
        yield f"{first}journeys release activate {journey} --as <a publisher's account>"


def step_as_json(step: Step) -> dict[str, Any]:
    """A line of the record, whole."""
    return {
        "journey": step.journey,
        "sequence": step.sequence,
        "at": time_text(step.at),
        "step": step.kind,
        "subject": step.subject.kind,
        "key": step.subject.key,
        "locale": step.subject.locale,
        "number": step.number,
        "digest": step.digest,
        "function": step.function,
        "account": step.account,
        "printed_name": step.printed_name,
        "meaning": step.meaning,
        "comment": step.comment,
        "confirmed": [{"id": name, "text": text} for name, text in step.confirmed],
        "expires_at": time_text(step.expires_at) if step.expires_at is not None else None,
        "seal": step.seal,
    }


def _step_in_words(step: Step) -> str:
    where = f" in {step.subject.locale}" if step.subject.locale else ""
    what = f"{step.subject.key} version {step.number}" if step.subject.kind == "piece" else f"release {step.number}"
    about = step.meaning or step.comment
    said = f': "{about}"' if about else ""
    by = f"{step.printed_name} ({step.account}{f', {step.function}' if step.function else ''})"
    short = f"  sha256 {step.digest}" if step.digest else ""
    yes = f"  yes to: {', '.join(name for name, _ in step.confirmed)}" if step.confirmed else ""
    return f"{step.journey} {step.sequence}  {time_text(step.at)}  {step.kind} {what}{where} by {by}{said}{yes}{short}"


def _signature(step: Step) -> str:
    return f'{step.function}: {step.printed_name}, {time_text(step.at)}, "{step.meaning}"'


def _show(found: Iterable[ApprovalStatus], form: str) -> None:
    rows = list(found)
    if form == "json":
        click.echo(json.dumps([standing_as_json(one) for one in rows], ensure_ascii=False, indent=1))
        return
    for one in rows:
        what = one.subject.key if one.subject.kind == "piece" else f"release {one.number}"
        version = f" version {one.number}" if one.subject.kind == "piece" else ""
        waits = f"  missing: {', '.join(one.missing)}" if one.missing else ""
        ended = "  its approval has ended" if one.is_expired else ""
        until = f"  until {time_text(one.expires_at)}" if one.expires_at is not None else ""
        free = "" if one.required else "  needs no signature"
        click.echo(f"{one.word:10}  {what}{version}  {one.subject.locale}{waits}{ended}{until}{free}")
        for step in one.signatures:
            click.echo(f"            {_signature(step)}")
        if one.rejection is not None:
            click.echo(f'            rejected by {one.rejection.printed_name}: "{one.rejection.comment}"')


def standing_as_json(one: ApprovalStatus) -> dict[str, Any]:
    """How something stands, whole."""
    return {
        "kind": one.subject.kind,
        "key": one.subject.key,
        "locale": one.subject.locale,
        "number": one.number,
        "digest": one.digest,
        "word": one.word,
        "purpose": one.purpose,
        "required": list(one.required),
        "missing": list(one.missing),
        "given": one.is_given,
        "expired": one.is_expired,
        "expires_at": time_text(one.expires_at) if one.expires_at is not None else None,
        "signatures": [step_as_json(step) for step in one.signatures],
    }


def _release_as_json(one: ReleaseStatus) -> dict[str, Any]:
    return {
        "release": one.release,
        "number": one.number,
        "word": one.word,
        "published_at": time_text(one.published_at),
        "enrollments": one.enrollments,
        "missing": {part.subject.locale: list(part.missing) for part in one.structure},
    }


def _given_as_json(one: PieceDisclosure) -> dict[str, Any]:
    return {
        "enrollment": one.enrollment,
        "journey": one.journey,
        "piece": one.piece,
        "number": one.number,
        "version": one.version,
        "locale": one.locale,
        "channel": one.channel,
        "first_at": time_text(one.first_at),
        "signatures": [step_as_json(step) for step in one.signatures],
    }


# --- private -----------------------------------------------------------------------------------------------------


def _wanted(pieces: tuple[str, ...], locales: tuple[str, ...]) -> Callable[[ApprovalStatus], bool]:
    def is_wanted(one: ApprovalStatus) -> bool:
        name = one.subject.key if one.subject.kind == "piece" else STRUCTURE
        return (not pieces or name in pieces) and (not locales or one.subject.locale in locales)

    return is_wanted


def _confirmed(given: tuple[str, ...]) -> frozenset[str]:
    """The questions that are answered with yes."""
    known = approvals.every_question()
    unknown = [one for one in given if one not in known and one != "all"]
    if unknown:
        raise click.UsageError(f"--confirm takes all, {', '.join(sorted(known))}; '{unknown[0]}' is none of them.")
    return known if "all" in given else frozenset(given)


def _restricted(signer: Signer, functions: tuple[str, ...]) -> Signer:
    if not functions:
        return signer
    return Signer(
        signer.account,
        signer.printed_name,
        signer.functions & frozenset(functions),
        signer.locales,
        signer.is_author_of,
        signer.may_publish,
    )


def _signed_in(service: Service, name: str) -> Signer:
    """Who acts: the account whose password is given."""
    if sys.stdin.isatty():
        password = str(click.prompt(f"Password of {name}", hide_input=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    return processes.signer_signed_in(service, name, password)


def _end_of(day: str) -> datetime:
    try:
        at, is_day = parse_time(day)
    except ValueError as error:
        raise click.UsageError(f"--on must be a day such as 2026-01-15: {error}.") from None
    return at + timedelta(days=1) if is_day else at


COMMANDS = (approve, reject, recall, release, trail, shown)
