"""Verdicts of reviewers that are not signed yet, in the database. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from journeys.review.approval import Subject
from service.platform.database.tables import review_verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reviewer decided on a text in one function.

    Attributes:
        account: the name of the reviewer's account.
        subject: the text.
        digest: the digest of the bytes that were read.
        function: the function in which the reviewer decided.
        kind: the verdict.
        comment: what must be corrected; empty for an approval.
        checklist: the version of the questions that an approval confirms; empty for a text without questions.
        read_at: when the end of the text was reached; None: not yet.
        decided_at: when it was decided.
    """

    account: str
    subject: Subject
    digest: str
    function: str
    kind: Literal["approved", "rejected"]
    comment: str
    checklist: str
    read_at: datetime | None
    decided_at: datetime


_KEY = ("account", "journey", "subject", "key", "locale", "function")
_INSERT = insert(review_verdicts)
_DELETE = delete(review_verdicts).where(and_(*(review_verdicts.c[name] == bindparam(f"the_{name}") for name in _KEY)))
_OF_ACCOUNT = (
    select(review_verdicts)
    .where(review_verdicts.c.account == bindparam("account"), review_verdicts.c.journey == bindparam("journey"))
    .order_by(review_verdicts.c.decided_at, *(review_verdicts.c[name] for name in _KEY))
)


def put(connection: Connection, verdict: Verdict) -> None:
    """Store a verdict in place of the one before on the same text in the same function."""
    remove(connection, verdict)
    values = {
        **_key_of(verdict),
        "digest": verdict.digest,
        "verdict": verdict.kind,
        "comment": verdict.comment,
        "checklist": verdict.checklist,
        "read_at": verdict.read_at,
        "decided_at": verdict.decided_at,
    }
    connection.execute(_INSERT, values)


def remove(connection: Connection, verdict: Verdict) -> None:
    """Remove a verdict, where it is still stored."""
    connection.execute(_DELETE, {f"the_{name}": text for name, text in _key_of(verdict).items()})


def list_of_account(connection: Connection, account: str, journey: str) -> list[Verdict]:
    """Return the verdicts of an account on the texts of a journey, in the order in which they were made."""
    rows = connection.execute(_OF_ACCOUNT, {"account": account, "journey": journey})
    return [_decision(row) for row in rows]


def _key_of(verdict: Verdict) -> dict[str, str]:
    subject = verdict.subject
    return {
        "account": verdict.account,
        "journey": subject.journey,
        "subject": subject.kind,
        "key": subject.key,
        "locale": subject.locale,
        "function": verdict.function,
    }


def _decision(row: Any) -> Verdict:
    return Verdict(
        account=row.account,
        subject=Subject(row.journey, row.subject, row.key, row.locale),
        digest=row.digest,
        function=row.function,
        kind=row.verdict,
        comment=row.comment,
        checklist=row.checklist,
        read_at=row.read_at,
        decided_at=row.decided_at,
    )
