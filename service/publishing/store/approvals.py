"""The record of approvals, sealed line by line, and the release in force of each journey. It decides nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from journeys.primitives.canonical import canonical, time_text
from journeys.review.approval import ApprovalEntry, Subject
from service.platform.database.statements import InsertIgnoring
from service.platform.database.tables import approvals, real_enrollments, standings

#: The seal before the first line of a journey.
BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class InForce:
    """The active release of a journey, with its publication and the end of its approval.

    `revision` grows with each change. `release` is None where no release is active, `publication` where none of its
    publications is approved.
    """

    revision: int
    release: str | None
    publication: int | None
    expires_at: datetime | None


_INSERT = insert(approvals)
_STEPS = select(approvals).where(approvals.c.journey == bindparam("journey")).order_by(approvals.c.sequence)
_LAST = (
    select(approvals.c.sequence, approvals.c.seal)
    .where(approvals.c.journey == bindparam("journey"))
    .order_by(approvals.c.sequence.desc())
    .limit(1)
)
_JOURNEYS = select(approvals.c.journey).distinct().order_by(approvals.c.journey)
_BEGIN = InsertIgnoring(standings)
_STANDING = select(standings).where(standings.c.journey == bindparam("journey"))
_LOCKED = _STANDING.with_for_update()
_STAND = (
    update(standings)
    .where(standings.c.journey == bindparam("the_journey"))
    .values({name: bindparam(name) for name in ("revision", "release", "publication", "expires_at")})
)
_LOCALES = select(real_enrollments.c.locale).where(real_enrollments.c.journey == bindparam("journey")).distinct()


# --- the record --------------------------------------------------------------------------------------------------


def add(connection: Connection, key: bytes, step: ApprovalEntry) -> ApprovalEntry:
    """Append a line, and return it with its position and its seal; the journey must be locked."""
    last = connection.execute(_LAST, {"journey": step.journey}).first()
    before = last.seal if last is not None else BEGINNING
    placed = replace(step, sequence=last.sequence + 1 if last is not None else 1)
    sealed = replace(placed, seal=seal_of(placed, before, key))
    connection.execute(_INSERT, _row(sealed))
    return sealed


def list_steps(connection: Connection, journey: str) -> list[ApprovalEntry]:
    """Return every line of a journey, in order, with valid and invalid seals."""
    questions = _Questions()
    return [_step(row, questions) for row in connection.execute(_STEPS, {"journey": journey})]


def trusted(steps: Iterable[ApprovalEntry], key: bytes) -> list[ApprovalEntry]:
    """Return the lines with a valid seal; only their signatures count."""
    return [step for step, is_good in _checked(steps, key) if is_good]


def broken(steps: Iterable[ApprovalEntry], key: bytes) -> list[int]:
    """Return the positions at which a line was changed, or the line before it removed."""
    broken_positions, expected = [], 1
    for step, is_good in _checked(steps, key):
        if not is_good or step.sequence != expected:
            broken_positions.append(step.sequence)
        expected = step.sequence + 1
    return broken_positions


def journeys_recorded(connection: Connection) -> list[str]:
    """Return the journeys that have a record."""
    return list(connection.execute(_JOURNEYS).scalars())


def seal_of(step: ApprovalEntry, before: str, key: bytes) -> str:
    """Return the seal of a line, over its fields and the seal before: HMAC-SHA-256, hexadecimal."""
    fields: list[Any] = [
        step.journey,
        step.sequence,
        step.kind,
        step.subject.kind,
        step.subject.key,
        step.subject.locale,
        step.digest,
        step.number,
        step.function,
        step.account,
        step.printed_name,
        step.meaning,
        step.comment,
        time_text(step.at),
        time_text(step.expires_at) if step.expires_at is not None else None,
    ]
    if step.confirmed:  # lines from before there was a checklist keep their seals
        fields.append(step.confirmed)
    return hmac.new(key, before.encode() + canonical(fields), hashlib.sha256).hexdigest()


def _checked(steps: Iterable[ApprovalEntry], key: bytes) -> Iterator[tuple[ApprovalEntry, bool]]:
    before = BEGINNING
    for step in steps:
        yield step, hmac.compare_digest(seal_of(step, before, key), step.seal)
        before = step.seal


# --- the release in force ------------------------------------------------------------------------------------------


def lock(connection: Connection, journey: str) -> InForce:
    """Lock the row of a journey until this transaction ends, and return it."""
    nothing = {"journey": journey, "revision": 0, "release": None, "publication": None, "expires_at": None}
    _BEGIN.run(connection, nothing)
    row = connection.execute(_LOCKED, {"journey": journey}).one()
    return InForce(row.revision, row.release, row.publication, row.expires_at)


def in_force(connection: Connection, journey: str) -> InForce | None:
    """Return the release in force of a journey, or None where the journey has no record."""
    row = connection.execute(_STANDING, {"journey": journey}).first()
    return InForce(row.revision, row.release, row.publication, row.expires_at) if row is not None else None


def store_in_force(connection: Connection, journey: str, status: InForce) -> None:
    """Store the release in force of a locked journey."""
    connection.execute(
        _STAND,
        {
            "the_journey": journey,
            "revision": status.revision,
            "release": status.release,
            "publication": status.publication,
            "expires_at": status.expires_at,
        },
    )


def locales_of_enrollments(connection: Connection, journey: str) -> list[str]:
    """Return the locales that a journey's enrollments requested."""
    return list(connection.execute(_LOCALES, {"journey": journey}).scalars())


def _row(step: ApprovalEntry) -> dict[str, Any]:
    return {
        "journey": step.journey,
        "sequence": step.sequence,
        "step": step.kind,
        "subject": step.subject.kind,
        "key": step.subject.key,
        "locale": step.subject.locale,
        "digest": step.digest,
        "number": step.number,
        "function": step.function,
        "account": step.account,
        "printed_name": step.printed_name,
        "meaning": step.meaning,
        "comment": step.comment,
        "at": step.at,
        "expires_at": step.expires_at,
        "confirmed": canonical(step.confirmed).decode() if step.confirmed else None,
        "seal": step.seal,
    }


class _Questions(dict[str, tuple[tuple[str, str], ...]]):
    """Stored questions by their text, as one value for all signatures with the same; a text that is not JSON stays."""

    def __missing__(self, text: str) -> tuple[tuple[str, str], ...]:
        try:
            questions = tuple((str(name), str(question)) for name, question in json.loads(text))
        except (ValueError, TypeError):
            questions = (("", text),)
        self[text] = questions
        return questions


def _step(row: Any, questions: _Questions) -> ApprovalEntry:
    return ApprovalEntry(
        journey=row.journey,
        sequence=row.sequence,
        subject=Subject(row.journey, row.subject, row.key, row.locale),
        digest=row.digest,
        number=row.number,
        kind=row.step,
        function=row.function,
        account=row.account,
        printed_name=row.printed_name,
        meaning=row.meaning,
        comment=row.comment,
        at=row.at,
        expires_at=row.expires_at,
        confirmed=questions[row.confirmed] if row.confirmed is not None else (),
        seal=row.seal,
    )


def by_subject(steps: Sequence[ApprovalEntry]) -> dict[tuple[Subject, str], list[ApprovalEntry]]:
    """Return the lines of each subject and digest, in order."""
    by_digest: dict[tuple[Subject, str], list[ApprovalEntry]] = {}
    for step in steps:
        by_digest.setdefault((step.subject, step.digest), []).append(step)
    return by_digest
