"""The record of approvals, sealed line by line; what stands because of it; tasks about what is given to nobody."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Text, bindparam, insert, or_, select, update

from journeys.primitives.canonical import canonical, time_text
from journeys.review.approval import Step, Subject
from service.database.tables import approval_tasks, approvals, enrollments, reminders, standings
from service.store.statements import InsertIgnoring
from service.store.work import CLOSED, DONE, OPEN, Task

#: What the first line of a journey is bound to.
BEGINNING = "0" * 64
#: The kind of tasks about content that is given to nobody, and who is asked.
KIND, ASSIGNEE = "approval", "content_team"


@dataclass(frozen=True, slots=True)
class InForce:
    """What stands for a journey: its revision, and the active release with its publication and the end of its approval.

    Where none is active, `release` and `publication` are None.
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
_TASKS = (
    select(approval_tasks)
    .where(
        or_(bindparam("status", type_=Text).is_(None), approval_tasks.c.status == bindparam("status")),
        approval_tasks.c.id > bindparam("after"),
    )
    .order_by(approval_tasks.c.id)
    .limit(bindparam("count"))
)
_ONE_TASK = select(approval_tasks).where(approval_tasks.c.id == bindparam("id"))
_TASKS_OF = select(approval_tasks).where(approval_tasks.c.journey == bindparam("journey"))
_INSERT_TASK = insert(approval_tasks)
_SET_TASK = (
    update(approval_tasks)
    .where(approval_tasks.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("status", "opened_at", "closed_at", "closed_by")})
)
_RECALL_QUEUED = (
    update(reminders)
    .where(
        reminders.c.status == "pending",
        reminders.c.piece == bindparam("the_piece"),
        reminders.c.enrollment.in_(
            select(enrollments.c.id).where(
                enrollments.c.journey == bindparam("the_journey"),
                enrollments.c.locale.in_(bindparam("locales", expanding=True)),
            )
        ),
    )
    .values(status="recalled", cleared_at=bindparam("at"))
)
_LOCALES = select(enrollments.c.locale).where(enrollments.c.journey == bindparam("journey")).distinct()


# --- the record --------------------------------------------------------------------------------------------------


def add(connection: Connection, key: bytes, step: Step) -> Step:
    """Appends a line, and gives it with its place and its seal; the journey must be locked."""
    last = connection.execute(_LAST, {"journey": step.journey}).first()
    before = last.seal if last is not None else BEGINNING
    placed = replace(step, sequence=last.sequence + 1 if last is not None else 1)
    sealed = replace(placed, seal=seal_of(placed, before, key))
    connection.execute(_INSERT, _row(sealed))
    return sealed


def list_steps(connection: Connection, journey: str) -> list[Step]:
    """Every line of a journey, in order, whatever its seal is worth."""
    return [_step(row) for row in connection.execute(_STEPS, {"journey": journey})]


def trusted(steps: Iterable[Step], key: bytes) -> list[Step]:
    """The lines whose seals are right; a signature that is not among them counts for nothing."""
    return [step for step, is_good in _checked(steps, key) if is_good]


def broken(steps: Iterable[Step], key: bytes) -> list[int]:
    """The places at which the record is not what was written: a line was changed, or one before it taken out."""
    found, expected = [], 1
    for step, is_good in _checked(steps, key):
        if not is_good or step.sequence != expected:
            found.append(step.sequence)
        expected = step.sequence + 1
    return found


def journeys_recorded(connection: Connection) -> list[str]:
    """The journeys that have a record."""
    return list(connection.execute(_JOURNEYS).scalars())


def seal_of(step: Step, before: str, key: bytes) -> str:
    """What binds every field of a line to each other and to the line before: HMAC-SHA-256, hexadecimal."""
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


def _checked(steps: Iterable[Step], key: bytes) -> Iterator[tuple[Step, bool]]:
    before = BEGINNING
    for step in steps:
        yield step, hmac.compare_digest(seal_of(step, before, key), step.seal)
        before = step.seal


# --- what stands -------------------------------------------------------------------------------------------------


def lock(connection: Connection, journey: str) -> InForce:
    """What stands for a journey, which nobody else changes before this transaction ends."""
    nothing = {"journey": journey, "revision": 0, "release": None, "publication": None, "expires_at": None}
    _BEGIN.run(connection, nothing)
    row = connection.execute(_LOCKED, {"journey": journey}).one()
    return InForce(row.revision, row.release, row.publication, row.expires_at)


def in_force(connection: Connection, journey: str) -> InForce | None:
    """What stands for a journey, or None where nothing ever did."""
    row = connection.execute(_STANDING, {"journey": journey}).first()
    return InForce(row.revision, row.release, row.publication, row.expires_at) if row is not None else None


def stand(connection: Connection, journey: str, found: InForce) -> None:
    """Stores what stands for a journey that is locked."""
    connection.execute(
        _STAND,
        {
            "the_journey": journey,
            "revision": found.revision,
            "release": found.release,
            "publication": found.publication,
            "expires_at": found.expires_at,
        },
    )


def recall_queued(connection: Connection, journey: str, piece: str, locales: Iterable[str], now: datetime) -> int:
    """Takes back what waits to be sent of a piece to those whose enrollment has one of some locales; gives how many."""
    values = {"the_journey": journey, "the_piece": piece, "locales": sorted(locales), "at": now}
    return connection.execute(_RECALL_QUEUED, values).rowcount


def locales_of_enrollments(connection: Connection, journey: str) -> list[str]:
    """The locales, as they were asked for, of a journey's enrollments."""
    return list(connection.execute(_LOCALES, {"journey": journey}).scalars())


# --- tasks -------------------------------------------------------------------------------------------------------


def list_tasks(connection: Connection, *, status: str | None, after: str, count: int) -> list[Task]:
    """Tasks about content by id, from after an id."""
    found = connection.execute(_TASKS, {"status": status, "after": after, "count": count})
    return [_task(row) for row in found]


def open_tasks(connection: Connection, journey: str) -> set[str]:
    """The ids of a journey's tasks about content that are open, or were closed by a person."""
    return {row.id for row in connection.execute(_TASKS_OF, {"journey": journey}) if row.status != DONE}


def close_task(connection: Connection, task: str, by: str, now: datetime) -> Task | None:
    """The task, closed by a person if it was open; or None."""
    row = connection.execute(_ONE_TASK, {"id": task}).first()
    if row is None or row.status != OPEN:
        return _task(row) if row is not None else None
    values = {"the_id": task, "status": CLOSED, "opened_at": row.opened_at, "closed_at": now, "closed_by": by}
    connection.execute(_SET_TASK, values)
    return replace(_task(row), status=CLOSED, closed_at=now, closed_by=by)


def set_tasks(connection: Connection, journey: str, wanted: Mapping[str, str], now: datetime) -> None:
    """Opens the tasks of a journey that are wanted (title by id), once each, and ends those that no longer are."""
    known = {row.id: row for row in connection.execute(_TASKS_OF, {"journey": journey})}
    for task, title in wanted.items():
        row = known.get(task)
        opened = {"status": OPEN, "opened_at": now, "closed_at": None, "closed_by": None}
        if row is None:
            connection.execute(_INSERT_TASK, {"id": task, "journey": journey, "title": title, **opened})
        elif row.status == DONE:
            connection.execute(_SET_TASK, {"the_id": task, **opened})
    for task, row in known.items():
        if task not in wanted and row.status != DONE:
            ended = {"status": DONE, "opened_at": row.opened_at, "closed_at": now, "closed_by": row.closed_by}
            connection.execute(_SET_TASK, {"the_id": task, **ended})


def _task(row: Any) -> Task:
    return Task(
        id=row.id,
        enrollment=None,
        patient_ref=None,
        journey=row.journey,
        kind=KIND,
        state="",
        title=row.title,
        assignee=ASSIGNEE,
        due=None,
        status=row.status,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def _row(step: Step) -> dict[str, Any]:
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


def _step(row: Any) -> Step:
    return Step(
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
        confirmed=_confirmed(row.confirmed) if row.confirmed is not None else (),
        seal=row.seal,
    )


@lru_cache(maxsize=64)
def _confirmed(text: str) -> tuple[tuple[str, str], ...]:
    """Questions as they are kept: one value for all the signatures that have the same; what is none, as it is."""
    try:
        return tuple((str(name), str(asked)) for name, asked in json.loads(text))
    except (ValueError, TypeError):
        return (("", text),)


def by_subject(steps: Sequence[Step]) -> dict[tuple[Subject, str], list[Step]]:
    """The lines of each subject and digest, in order."""
    found: dict[tuple[Subject, str], list[Step]] = {}
    for step in steps:
        found.setdefault((step.subject, step.digest), []).append(step)
    return found
