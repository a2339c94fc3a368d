"""`journeys approve`, `reject`, `submit`, `recall` and `release`: signatures, and the active release of a journey."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.words import FUNCTIONS
from service.cli.acting import acting_option, as_option, sign_in, sign_in_signer
from service.cli.approval_steps import signature_in_words, step_as_json, step_in_words
from service.cli.options import database_option, format_option, options_as
from service.cli.output import Writers, write_lines
from service.cli.startup import opened

if TYPE_CHECKING:
    from service.publishing.approvals import ApprovalStatus, ReleaseStatus

if TYPE_CHECKING:
    from journeys.review.approval import ApprovalEntry
    from service.publishing.approvals import Signer
    from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class Selection:
    """The pieces and languages that a command is limited to; none: all of them."""

    pieces: tuple[str, ...]
    locales: tuple[str, ...]

    def includes(self, status: ApprovalStatus) -> bool:
        """Whether a piece, or the structure of a release, in a language is selected."""
        from journeys.review.approval import STRUCTURE

        name = status.subject.key if status.subject.kind == "piece" else STRUCTURE
        return (not self.pieces or name in self.pieces) and (not self.locales or status.subject.locale in self.locales)


@dataclass(frozen=True, slots=True)
class SigningOptions:
    """The functions in which to sign (none: all of the account), the confirmed questions, the meaning."""

    functions: tuple[str, ...]
    confirmed: tuple[str, ...]
    meaning: str

    def questions(self) -> frozenset[str]:
        """The ids of the confirmed questions.

        Raises:
            click.UsageError: for an id that no checklist has.
        """
        from service.publishing import approvals

        questions = approvals.every_question()
        unknown = [question for question in self.confirmed if question not in questions and question != "all"]
        if unknown:
            raise click.UsageError(
                f"--confirm takes all, {', '.join(sorted(questions))}; unknown question '{unknown[0]}'."
            )
        return questions if "all" in self.confirmed else frozenset(self.confirmed)

    def restrict(self, signer: Signer) -> Signer:
        """The signer, limited to the functions of the options."""
        if not self.functions:
            return signer
        return replace(signer, functions=signer.functions & frozenset(self.functions))


locale_option = click.option(
    "--locale", "locales", multiple=True, metavar="LOCALE", help="Only in this language; may be repeated."
)
piece_option = click.option(
    "--piece",
    "pieces",
    multiple=True,
    metavar="KEY",
    help="Only this piece; may be repeated. 'structure': titles and words.",
)
selection_options = options_as("selection", Selection, piece_option, locale_option)
signing_options = options_as(
    "signing",
    SigningOptions,
    click.option(
        "--function", "functions", multiple=True, metavar="NAME", help="Only in this function; may be repeated."
    ),
    click.option(
        "--confirm",
        "confirmed",
        multiple=True,
        metavar="ID",
        help="A question of the checklist that you confirm; may be repeated. 'all': every question.",
    ),
    click.option("--meaning", default="I have read it and approve it for patients.", show_default=True, metavar="TEXT"),
)


@click.command()
@click.argument("journey")
@as_option
@selection_options
@signing_options
@database_option
@format_option
def approve(
    journey: str,
    account: str | None,
    selection: Selection,
    signing: SigningOptions,
    database: str | None,
    form: str,
) -> None:
    """Sign content that waits for signatures; without --as, show the approval status of everything.

    An account signs in its functions and its languages, and never its own work. The password is typed at the
    terminal, or read from the standard input. The signature of a piece confirms each question of the checklist;
    without --confirm nothing is signed, and the questions are shown.

    Examples: `journeys approve nsclc`, `journeys approve nsclc --as kim --locale en --piece scan-due --confirm all`
    """
    from service.publishing import approvals

    with opened(database) as service:
        if account is None:
            statuses = [status for status in approvals.list_statuses(service, journey) if selection.includes(status)]
            STATUSES.write(statuses, form)
            return
        confirmed = signing.questions()
        signer = signing.restrict(sign_in_signer(service, account))
        steps = approvals.sign_all(
            service,
            signer,
            journey,
            meaning=signing.meaning,
            confirmed=confirmed,
            now=service.clock(),
            include=selection.includes,
        )
        waiting = [status for status in approvals.list_statuses(service, journey) if status.word == "in_review"]
        newest = approvals.list_release_statuses(service, journey)[0]
    SIGNING.write(SigningResult(journey, steps, waiting, newest), form)


@click.command()
@click.argument("journey")
@click.argument("piece")
@acting_option
@click.option("--locale", required=True, metavar="LOCALE", help="The language.")
@click.option("--function", required=True, type=click.Choice(FUNCTIONS), help="The function in which to reject.")
@click.option("--comment", required=True, metavar="TEXT", help="The reason, for the author.")
@database_option
def reject(
    journey: str, piece: str, account: str, locale: str, function: str, comment: str, database: str | None
) -> None:
    """Reject content in review, with a comment; it becomes a draft again, and its signatures no longer count.

    PIECE is the key of a piece, or 'structure' for the titles and words of the newest release.

    Example: `journeys reject nsclc scan-due --as kim --locale es --function medical --comment "The number is wrong."`
    """
    from service.publishing import approvals

    with opened(database) as service:
        signer = sign_in_signer(service, account)
        words = ("in_review", "approved", "active", "draft")
        status = _find_status(service, journey, Selection((piece,), (locale,)), words)
        if status is None:
            raise click.UsageError(f"'{piece}' has no version in '{locale}' that can be rejected.")
        step = approvals.reject(
            service, signer, status.subject, status.digest, function=function, comment=comment, now=service.clock()
        )
    click.echo(step_in_words(step))


@click.command()
@click.argument("journey")
@click.argument("piece")
@acting_option
@click.option("--locale", required=True, metavar="LOCALE", help="The language.")
@click.option("--comment", required=True, metavar="TEXT", help="Why it is right as it is.")
@database_option
def submit(journey: str, piece: str, account: str, locale: str, comment: str, database: str | None) -> None:
    """Put rejected content back into review unchanged, with a reason; everybody must then sign again.

    PIECE is the key of a piece, or 'structure' for the titles and words of the newest release. The account needs the
    role author or publisher.

    Example: `journeys submit nsclc scan-due --as maria --locale es --comment "The number is that of the clinic."`
    """
    from service.access.accounts import author_of
    from service.publishing import approvals

    with opened(database) as service:
        authenticated = sign_in(service, account)
        author_of(authenticated)
        status = _find_status(service, journey, Selection((piece,), (locale,)), ("draft",))
        if status is None:
            raise click.UsageError(f"'{piece}' has no rejected version in '{locale}'.")
        signer, now = approvals.signer_of(authenticated), service.clock()
        step = approvals.submit(service, signer, status.subject, status.digest, comment=comment, now=now)
    click.echo(step_in_words(step))


def _find_status(service: Service, journey: str, selection: Selection, words: tuple[str, ...]) -> ApprovalStatus | None:
    """The first selected status with one of some words, or None."""
    from service.publishing import approvals

    statuses = approvals.list_statuses(service, journey)
    return next((status for status in statuses if selection.includes(status) and status.word in words), None)


@click.command()
@click.argument("journey")
@click.argument("piece")
@acting_option
@locale_option
@click.option("--comment", required=True, metavar="TEXT", help="The reason.")
@database_option
def recall(
    journey: str, piece: str, account: str, locales: tuple[str, ...], comment: str, database: str | None
) -> None:
    """Withdraw every version of a piece from all patients at once, and cancel its unsent reminders.

    Patients see the piece again when a new version has been published and signed.

    Example: `journeys recall nsclc scan-due --as pia --comment "The dose is wrong."`
    """
    from service.publishing import approvals
    from service.publishing.approvals import RecallScope

    with opened(database) as service:
        signer = sign_in_signer(service, account)
        scope = RecallScope(journey, piece, locales=locales or None)
        steps = approvals.recall(service, signer, scope, comment=comment, now=service.clock())
    write_lines(map(step_in_words, steps))
    click.echo(f"Patients no longer see '{piece}'." if not locales else f"Recalled in {', '.join(locales)}.")


@click.group(name="release")
def release_group() -> None:
    """List the releases of a journey, and activate one."""


@release_group.command(name="list")
@click.argument("journey")
@database_option
@format_option
def list_releases(journey: str, database: str | None, form: str) -> None:
    """List the releases of a journey, the newest first.

    Example: `journeys release list nsclc`
    """
    from service.publishing import approvals

    with opened(database) as service:
        RELEASES.write(approvals.list_release_statuses(service, journey), form)


@release_group.command()
@click.argument("journey")
@click.argument("number", type=int, required=False)
@acting_option
@database_option
def activate(journey: str, number: int | None, account: str, database: str | None) -> None:
    """Make a release the one that new enrollments get; earlier enrollments stay in their release.

    NUMBER is the number of the release; the newest by default. Its titles and words must be approved in every language.

    Example: `journeys release activate nsclc --as pia`
    """
    from service.publishing import approvals

    with opened(database) as service:
        releases = approvals.list_release_statuses(service, journey)
        release = releases[0] if number is None else next((row for row in releases if row.number == number), None)
        if release is None:
            raise click.UsageError(f"Unknown release {number} of '{journey}'. See journeys release list.")
        signer = sign_in_signer(service, account)
        approvals.activate(service, signer, journey, release.release, now=service.clock())
    click.echo(f"{journey}: release {release.number} is active; new enrollments get it.")


# --- results -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SigningResult:
    """The new signatures of a journey, the content that still waits for some, and the newest release."""

    journey: str
    steps: list[ApprovalEntry]
    waiting: list[ApprovalStatus]
    newest: ReleaseStatus


def next_steps(journey: str, waiting: Iterable[ApprovalStatus], newest: ReleaseStatus) -> Iterator[str]:
    """The commands to run next, so that published content reaches patients."""
    statuses = list(waiting)
    functions = sorted({function for status in statuses for function in status.missing})
    if statuses:
        yield (
            f"{len(statuses)} waiting for signatures ({', '.join(functions)}); next: "
            f"journeys approve {journey} --as <a reviewer's account> --confirm all"
        )
    if newest.word in ("in_review", "approved"):
        first = "then: " if statuses else f"Release {newest.number} is approved and not active yet; next: "
        yield f"{first}journeys release activate {journey} --as <a publisher's account>"


def _signing_lines(result: SigningResult) -> Iterator[str]:
    yield from map(step_in_words, result.steps)
    yield f"{len(result.steps)} signed; {len(result.waiting)} still waiting for signatures."
    yield from next_steps(result.journey, result.waiting, result.newest)


SIGNING: Writers[SigningResult] = Writers(
    as_text=_signing_lines, as_json=lambda result: [step_as_json(step) for step in result.steps]
)


def _status_lines(statuses: list[ApprovalStatus]) -> Iterator[str]:
    for status in statuses:
        is_piece = status.subject.kind == "piece"
        subject = f"{status.subject.key} version {status.number}" if is_piece else f"release {status.number}"
        missing = f"  missing: {', '.join(status.missing)}" if status.missing else ""
        expired = "  its approval has ended" if status.is_expired else ""
        until = f"  until {time_text(status.expires_at)}" if status.expires_at is not None else ""
        unsigned = "" if status.required else "  needs no signature"
        yield f"{status.word:10}  {subject}  {status.subject.locale}{missing}{expired}{until}{unsigned}"
        yield from (f"            {signature_in_words(step)}" for step in status.signatures)
        if status.rejection is not None:
            yield f'            rejected by {status.rejection.printed_name}: "{status.rejection.comment}"'


def _status_as_json(status: ApprovalStatus) -> dict[str, Any]:
    return {
        "kind": status.subject.kind,
        "key": status.subject.key,
        "locale": status.subject.locale,
        "number": status.number,
        "digest": status.digest,
        "word": status.word,
        "purpose": status.purpose,
        "required": list(status.required),
        "missing": list(status.missing),
        "given": status.is_given,
        "expired": status.is_expired,
        "expires_at": time_text(status.expires_at) if status.expires_at is not None else None,
        "signatures": [step_as_json(step) for step in status.signatures],
    }


STATUSES: Writers[list[ApprovalStatus]] = Writers(
    as_text=_status_lines, as_json=lambda statuses: [_status_as_json(status) for status in statuses], indent=1
)


def _release_lines(releases: list[ReleaseStatus]) -> Iterator[str]:
    for release in releases:
        locales = sorted({status.subject.locale for status in release.structure if status.missing})
        waits = f"  to be signed in {', '.join(locales)}" if locales else ""
        enrollments = "  has enrollments" if release.enrollments else ""
        published = time_text(release.published_at)
        yield f"{release.number}  {release.word:10}  {release.release[:12]}  published {published}{enrollments}{waits}"


def _release_as_json(release: ReleaseStatus) -> dict[str, Any]:
    return {
        "release": release.release,
        "number": release.number,
        "word": release.word,
        "published_at": time_text(release.published_at),
        "enrollments": release.enrollments,
        "missing": {status.subject.locale: list(status.missing) for status in release.structure},
    }


RELEASES: Writers[list[ReleaseStatus]] = Writers(
    as_text=_release_lines,
    as_json=lambda releases: [_release_as_json(release) for release in releases],
    ascii_only=True,
)


COMMANDS = (approve, reject, submit, recall, release_group)
