"""Sign, reject, submit, recall and activate: the policy decides, each command writes in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.primitives.errors import CallerError
from journeys.review.approval import ApprovalEntry, Subject
from service.effects.store import content_tasks
from service.platform import errors
from service.publishing.approvals import policy
from service.publishing.approvals.binder import judge, problem_in_words
from service.publishing.approvals.policy import (
    ApprovalStatus,
    RecallScope,
    SignatureRequest,
    Signer,
    SubjectVersion,
    unsealed_step,
)
from service.publishing.approvals.record import JourneyApprovals
from service.publishing.service import Service
from service.publishing.store import approvals, releases, verdicts
from service.publishing.store.approvals import InForce


def sign(
    service: Service, signer: Signer, subject: Subject, digest: str, request: SignatureRequest, *, now: datetime
) -> ApprovalEntry:
    """Sign the exact bytes of a digest and return the signature; a second time, return the first.

    Raises:
        NotFound: the subject is unknown.
        Forbidden: another function or language, the signer's own work, or signed by them in another function.
        Stale: the digest is no longer the current version.
        Refused: the version is not in review, the function is not required, or meaning or confirmation is missing.
    """
    with _recording(service, _Attempt(signer, subject, digest, request.function), now) as record:
        version = record.find_version(subject, digest)
        authors = record.first_authors(version)
        return record.append(policy.decide_signature(signer, record.case_of(version), request, authors))


def sign_all(
    service: Service,
    signer: Signer,
    journey: str,
    *,
    meaning: str,
    confirmed: Collection[str],
    now: datetime,
    include: Callable[[ApprovalStatus], bool] = lambda _: True,
) -> list[ApprovalEntry]:
    """Sign everything that a signer may sign and `include` accepts: in review, or about to expire.

    Where different people must sign, the signer signs each version in the first function that is open to them.

    Raises:
        NotFound: the journey was never published.
        Refused: the meaning or a confirmation is missing; nothing is signed then.
    """
    with _changing(service, journey, now) as record:
        steps = []
        for status in filter(include, record.current_statuses()):
            version = record.find_version(status.subject, status.digest)
            functions = [function for function in status.open_to(signer.account) if function in signer.functions]
            authors = record.first_authors(version) if functions else set()
            if not policy.may_sign(signer, version, authors):
                continue
            for function in functions[:1] if status.different_people else functions:
                request = SignatureRequest(function, meaning, confirmed)
                steps.append(record.append(policy.decide_signature(signer, record.case_of(version), request, authors)))
        return steps


def sign_binder(
    service: Service, signer: Signer, journey: str, *, meanings: Mapping[str, str], now: datetime
) -> list[ApprovalEntry]:
    """Sign everything in a signer's binder as one act and return the steps, each bound to the bytes that were read.

    A text that cannot be signed, for example because it has changed, stays in the binder and leaves a refusal in the
    record; the others are signed.

    Args:
        service: the service.
        signer: the account that acts; it was identified before.
        journey: the journey of the texts.
        meanings: the meaning of a signature, by function.
        now: the current instant.

    Raises:
        NotFound: the journey was never published.
    """
    with _changing(service, journey, now) as record:
        steps = []
        for verdict in verdicts.list_of_account(record.connection, signer.account, journey):
            try:
                step = judge(record, signer, verdict, meanings)
            except CallerError as error:
                version = SubjectVersion(verdict.subject, verdict.digest)
                refused = unsealed_step(signer, version, "refused", now)
                record.append(replace(refused, function=verdict.function, comment=problem_in_words(error)))
                continue
            steps.append(record.append(step))
            verdicts.remove(record.connection, verdict)
        return steps


def reject(
    service: Service, signer: Signer, subject: Subject, digest: str, *, function: str, comment: str, now: datetime
) -> ApprovalEntry:
    """Reject a version: its signatures no longer count, and it is a draft again.

    Raises:
        NotFound, Forbidden, Stale: as for signing; a signer may reject their own work.
        Refused: the version is not in review, or the comment is missing.
    """
    with _recording(service, _Attempt(signer, subject, digest, function), now) as record:
        case = record.case_of(record.find_version(subject, digest))
        return record.append(policy.decide_rejection(signer, case, function, comment))


def submit(
    service: Service, signer: Signer, subject: Subject, digest: str, *, comment: str, now: datetime
) -> ApprovalEntry:
    """Put a rejected version back into review, with a reason; all must sign again.

    Raises:
        NotFound, Stale: as for signing.
        Refused: the version is not a draft, or the comment is missing.
    """
    with _recording(service, _Attempt(signer, subject, digest), now) as record:
        case = record.case_of(record.find_version(subject, digest))
        return record.append(policy.decide_resubmission(signer, case, comment))


def recall(service: Service, signer: Signer, scope: RecallScope, *, comment: str, now: datetime) -> list[ApprovalEntry]:
    """Recall every published version of a piece, or of the structure of a release, for all patients at once.

    Unsent reminders of a piece are cancelled. Patients see the piece again only when a new version is approved.

    Raises:
        NotFound: no such piece, release or language was published.
        Forbidden: the signer may neither publish nor sign in these languages.
        Refused: the comment is missing.
    """
    with _recording(service, _Attempt(signer, scope.subject), now) as record:
        cases = record.find_cases(scope.kind, scope.key)
        steps = [record.append(step) for step in policy.decide_recall(signer, scope, cases, comment)]
        if scope.kind == "piece":
            declared = {case.version.subject.locale for case in cases}
            record.recall_queued(scope.key, declared if scope.locales is None else set(scope.locales))
        return steps


def activate(service: Service, signer: Signer, journey: str, release: str, *, now: datetime) -> InForce:
    """Make a release the one that new enrollments get; a second time, nothing changes.

    Raises:
        NotFound: the journey has no such release.
        Forbidden: the signer may not publish.
        Refused: the structure of the release is not approved in every language.
    """
    subject = Subject(journey, "structure", release, "")
    with _recording(service, _Attempt(signer, subject), now) as record:
        if not record.has_release(release):
            raise errors.NotFound("There is no such release of this journey.")
        policy.require_publisher(signer)
        if record.in_force.release != release:
            policy.require_approved(record.unapproved_locales(release))
            version = SubjectVersion(subject, "", record.release_number(release))
            record.append(unsealed_step(signer, version, "activated", now))
            record.activate(release)
    return record.in_force


def store_status(service: Service, connection: Connection, journey: str, now: datetime) -> tuple[ApprovalStatus, ...]:
    """Store the status after a publication and return what waits for signatures; the journey must be locked."""
    record = JourneyApprovals(service, connection, journey, now)
    record.store_status()
    return tuple(status for status in record.current_statuses() if status.word == "in_review")


def refresh_tasks(service: Service, now: datetime) -> None:
    """Open and end the tasks about content that no patient sees; the passing of time may have changed them."""
    with service.database.reading() as connection:
        journeys = releases.journeys_published(connection)
    for journey in journeys:
        with service.database.reading() as connection:
            record = JourneyApprovals(service, connection, journey, now)
            required = {task for task, _ in record.missing_approvals()}
            is_current = required == content_tasks.open_tasks(connection, journey)
        if not is_current:
            with _changing(service, journey, now):
                pass  # the status and the tasks are stored at the end of every change


# --- private -------------------------------------------------------------------------------------------------------


#: The audit trail keeps so many characters of each field of a refused act; identifiers are shorter.
LONGEST_REFUSED = 200


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The part of a refused command that the audit trail records."""

    signer: Signer
    subject: Subject
    digest: str = ""
    function: str = ""


@contextmanager
def _changing(service: Service, journey: str, now: datetime) -> Iterator[JourneyApprovals]:
    """Lock a journey, and store its status after the change."""
    with service.database.writing() as connection:
        approvals.lock(connection, journey)
        record = JourneyApprovals(service, connection, journey, now)
        yield record
        record.store_status()


@contextmanager
def _recording(service: Service, attempt: _Attempt, now: datetime) -> Iterator[JourneyApprovals]:
    """Lock a journey for a change; a refusal leaves one step in the record and changes nothing else."""
    try:
        with _changing(service, attempt.subject.journey, now) as record:
            yield record
    except errors.Unavailable:
        raise
    except CallerError as error:
        _record_refusal(service, attempt, error, now)
        raise


def _cut(text: str) -> str:
    """The beginning of a text that was refused: a form may hold a megabyte, and the audit trail keeps every row."""
    return text[:LONGEST_REFUSED]


def _record_refusal(service: Service, attempt: _Attempt, error: CallerError, now: datetime) -> None:
    journey = attempt.subject.journey
    comment = "; ".join(text for texts in error.fields.values() for text in texts) or error.detail
    subject = replace(attempt.subject, key=_cut(attempt.subject.key), locale=_cut(attempt.subject.locale))
    refused = unsealed_step(attempt.signer, SubjectVersion(subject, _cut(attempt.digest)), "refused", now)
    step = replace(refused, function=_cut(attempt.function), comment=comment)
    with service.database.writing() as connection:
        if releases.newest_publication(connection, journey) is not None:
            approvals.lock(connection, journey)
            approvals.add(connection, service.library.rules.key, step)
