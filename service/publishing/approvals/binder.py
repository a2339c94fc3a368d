"""Binders: what a reviewer decided on each text, until one act signs all of it. A binder changes no approval status.

Each signature of a binder is bound to the bytes that were read. The signing is one series of signings in one continuous
period of access (21 CFR 11.200(a)(1)(i)); `commands.sign_binder` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from journeys.primitives.errors import CallerError, Refused
from journeys.review.approval import ApprovalEntry, Subject
from journeys.review.checklist import checklist
from service.platform import errors
from service.publishing.approvals import policy
from service.publishing.approvals.policy import SignatureRequest, Signer
from service.publishing.approvals.record import JourneyApprovals
from service.publishing.service import Service
from service.publishing.store import approvals, verdicts
from service.publishing.store.verdicts import Verdict

CHANGED = "It has changed since you read it. Read it again."
NOT_READ = "Read the text to its end before you approve it."
SIGNED_BY_ANOTHER = "Somebody else has signed it in this function."
NEW_QUESTIONS = "The checklist has changed since you read the text. Read the questions again."


@dataclass(frozen=True, slots=True)
class BinderEntry:
    """A verdict in a binder, and why it cannot be signed; `problem` is empty where it can."""

    verdict: Verdict
    problem: str = ""


def read_binder(service: Service, signer: Signer, journey: str, *, now: datetime) -> list[BinderEntry]:
    """Return what a signer has decided in a journey and not signed, in the order of deciding.

    Raises:
        NotFound: the journey was never published.
    """
    with service.database.reading() as connection:
        record = JourneyApprovals(service, connection, journey, now)
        stored = verdicts.list_of_account(connection, signer.account, journey)
        return [BinderEntry(verdict, _problem_of(record, signer, verdict)) for verdict in stored]


def decide(service: Service, signer: Signer, journey: str, made: Iterable[Verdict], *, now: datetime) -> None:
    """Put verdicts into the signer's binder, all or none; a verdict replaces the one before on the same text.

    Raises:
        NotFound, Forbidden, Stale, Refused: as for signing and rejecting; or the end of the text was not reached.
    """
    with service.database.writing() as connection:
        approvals.lock(connection, journey)
        record = JourneyApprovals(service, connection, journey, now)
        for verdict in made:
            judge(record, signer, verdict, {verdict.function: verdict.function})
            verdicts.put(connection, verdict)


def withdraw(service: Service, signer: Signer, subject: Subject) -> None:
    """Take the signer's verdicts on a text out of the binder, in every function."""
    with service.database.writing() as connection:
        approvals.lock(connection, subject.journey)
        for verdict in verdicts.list_of_account(connection, signer.account, subject.journey):
            if verdict.subject == subject:
                verdicts.remove(connection, verdict)


def judge(record: JourneyApprovals, signer: Signer, verdict: Verdict, meanings: Mapping[str, str]) -> ApprovalEntry:
    """Return the step that a verdict leads to, without appending it.

    Args:
        record: the approvals of the journey.
        signer: the account that acts.
        verdict: its verdict.
        meanings: the meaning of a signature, by function.

    Raises:
        NotFound, Forbidden, Stale, Refused: as for signing and rejecting; or the end of the text was not reached, the
            questions of the checklist have changed, or somebody else has signed.
    """
    version = record.find_version(verdict.subject, verdict.digest)
    case = record.case_of(version)
    if verdict.kind == "rejected":
        return policy.decide_rejection(signer, case, verdict.function, verdict.comment)
    if verdict.read_at is None:
        raise Refused({"end": [NOT_READ]})
    if verdict.checklist != checklist_version(verdict.subject):
        raise Refused({"checklist": [NEW_QUESTIONS]})
    request = SignatureRequest(verdict.function, meanings.get(verdict.function, ""), policy.every_question())
    step = policy.decide_signature(signer, case, request, record.first_authors(version))
    if verdict.function not in policy.status_of(case, is_given=False).to_sign:
        raise Refused({"function": [SIGNED_BY_ANOTHER]})
    return step


def checklist_version(subject: Subject) -> str:
    """Return the version of the questions about a text; empty for a structure, which has none."""
    return checklist(subject.locale).version if subject.kind == "piece" else ""


def problem_in_words(error: CallerError) -> str:
    """Return why a verdict cannot be signed."""
    if isinstance(error, errors.Stale):
        return CHANGED
    return " ".join(text for texts in error.fields.values() for text in texts) or error.detail


def _problem_of(record: JourneyApprovals, signer: Signer, verdict: Verdict) -> str:
    try:
        judge(record, signer, verdict, {verdict.function: verdict.function})
    except CallerError as error:
        return problem_in_words(error)
    return ""
