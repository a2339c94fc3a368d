"""What steps ask of the outside: tasks for people and reminders to send; and what was shown to a patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, insert, or_, select, update

from journeys.engine import Effect
from journeys.primitives.canonical import time_text
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import enrollments, reminders, shown, tasks

OPEN, CLOSED, DONE, MOOT = "open", "closed", "done", "moot"
STATUSES = (OPEN, CLOSED, DONE, MOOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something a person must do: about an enrollment, or (None) about content that is given to nobody."""

    id: str
    enrollment: str | None
    patient_ref: str | None
    journey: str
    kind: str
    state: str
    title: str
    assignee: str
    due: datetime | None
    status: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a piece, given out to a patient during one stay."""

    piece: str
    version: str
    stay: str
    locale: str
    channel: str
    first_at: datetime


_INSERT_TASK = Prepared(insert(tasks))
_INSERT_REMINDER = Prepared(insert(reminders))
_INSERT_SHOWN = InsertIgnoring(shown)
_END_TASK = Prepared(
    update(tasks)
    .where(tasks.c.id == bindparam("the_id"), tasks.c.status == OPEN)
    .values(status=bindparam("to"), closed_at=bindparam("at"), closed_by=bindparam("by"))
)
_REOPEN_TASK = Prepared(
    update(tasks)
    .where(tasks.c.id == bindparam("the_id"), or_(tasks.c.status == DONE, tasks.c.status == MOOT))
    .values(status=OPEN, closed_at=None, closed_by=None)
)
_CLEAR_REMINDER = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.status == "pending")
    .values(status="cleared", cleared_at=bindparam("at"))
)
_REOPEN_REMINDER = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.status == "cleared")
    .values(status="pending", cleared_at=None)
)
_TASK = select(tasks, enrollments.c.patient_ref, enrollments.c.journey).join_from(tasks, enrollments)
_ONE_TASK = _TASK.where(tasks.c.id == bindparam("id"))
_TASKS = (
    _TASK.where(
        or_(bindparam("status", type_=Text).is_(None), tasks.c.status == bindparam("status")),
        or_(bindparam("assignee", type_=Text).is_(None), tasks.c.assignee == bindparam("assignee")),
        or_(bindparam("enrollment", type_=Text).is_(None), tasks.c.enrollment == bindparam("enrollment")),
        tasks.c.id > bindparam("after"),
    )
    .order_by(tasks.c.id)
    .limit(bindparam("count"))
)
_OPEN_OF = Prepared(
    _TASK.where(tasks.c.enrollment == bindparam("enrollment"), tasks.c.status == OPEN).order_by(
        tasks.c.opened_at, tasks.c.id
    )
)
_REMINDERS = (
    select(reminders)
    .where(reminders.c.enrollment == bindparam("enrollment"))
    .order_by(reminders.c.due.desc(), reminders.c.id)
)
_SHOWN_IN = (
    select(shown)
    .where(shown.c.enrollment == bindparam("enrollment"), shown.c.stay.in_(bindparam("stays", expanding=True)))
    .order_by(shown.c.first_at, shown.c.piece, shown.c.locale, shown.c.channel)
)

_SHOWN_TO = (
    select(shown, enrollments.c.journey)
    .join_from(shown, enrollments)
    .where(enrollments.c.patient_ref == bindparam("patient_ref"), shown.c.first_at < bindparam("before"))
    .order_by(shown.c.first_at.desc(), shown.c.enrollment, shown.c.piece, shown.c.locale, shown.c.channel)
)


def act(connection: Connection, enrollment: str, effects: Iterable[Effect], now: datetime) -> None:
    """Opens, reopens, clears or ends what the effects of a step say."""
    for effect in effects:
        if effect.what is None:
            _end(connection, effect, now)
        elif effect.action == "reopen":
            statement = _REOPEN_TASK if effect.what.kind == "task" else _REOPEN_REMINDER
            statement.run(connection, {"the_id": effect.id})
        else:
            _open(connection, enrollment, effect, now)


def close_task(connection: Connection, task: str, by: str, now: datetime) -> None:
    """Closes a task by a person, if it is open."""
    _END_TASK.run(connection, {"the_id": task, "to": CLOSED, "at": now, "by": by})


def find_task(connection: Connection, task: str) -> Task | None:
    """A task, or None."""
    row = connection.execute(_ONE_TASK, {"id": task}).first()
    return _task(row) if row is not None else None


def list_tasks(
    connection: Connection,
    *,
    status: str | None,
    assignee: str | None,
    enrollment: str | None,
    after: str,
    count: int,
) -> list[Task]:
    """Tasks by id, from after an id."""
    values = {
        "status": status,
        "assignee": assignee,
        "enrollment": enrollment,
        "after": after,
        "count": count,
    }
    return [_task(row) for row in connection.execute(_TASKS, values)]


def open_tasks(connection: Connection, enrollment: str) -> list[Task]:
    """The open tasks of an enrollment, oldest first."""
    return [_task(row) for row in _OPEN_OF.all(connection, {"enrollment": enrollment})]


def list_reminders(connection: Connection, enrollment: str) -> list[dict[str, Any]]:
    """The reminders of an enrollment, the last first: piece, state, when due, and what became of it."""
    return [
        {"id": row.id, "piece": row.piece, "state": row.state, "due": time_text(row.due), "status": row.status}
        for row in connection.execute(_REMINDERS, {"enrollment": enrollment})
    ]


def log_shown(connection: Connection, enrollment: str, given: Sequence[Shown]) -> None:
    """Notes what was given out, once per version and stay."""
    if given:
        rows = [
            {
                "enrollment": enrollment,
                "piece": one.piece,
                "version": one.version,
                "stay": one.stay,
                "locale": one.locale,
                "channel": one.channel,
                "first_at": one.first_at,
            }
            for one in given
        ]
        _INSERT_SHOWN.run_many(connection, rows)


def shown_in(connection: Connection, enrollment: str, stays: Iterable[str]) -> list[Shown]:
    """What was given out during some stays."""
    values = {"enrollment": enrollment, "stays": sorted(stays)}
    return [
        Shown(row.piece, row.version, row.stay, row.locale, row.channel, row.first_at)
        for row in connection.execute(_SHOWN_IN, values)
    ]


def shown_to(connection: Connection, patient_ref: str, before: datetime) -> list[tuple[str, str, Shown]]:
    """What a patient was given out before an instant, the last first: each with its enrollment and journey."""
    found = connection.execute(_SHOWN_TO, {"patient_ref": patient_ref, "before": before})
    return [
        (row.enrollment, row.journey, Shown(row.piece, row.version, row.stay, row.locale, row.channel, row.first_at))
        for row in found
    ]


def _open(connection: Connection, enrollment: str, effect: Effect, now: datetime) -> None:
    what = effect.what
    assert what is not None
    if what.kind == "reminder":
        _INSERT_REMINDER.run(
            connection,
            {
                "id": effect.id,
                "enrollment": enrollment,
                "stay": what.stay,
                "state": what.state,
                "piece": what.piece,
                "due": what.due,
                "status": "pending",
                "opened_at": now,
            },
        )
        return
    _INSERT_TASK.run(
        connection,
        {
            "id": effect.id,
            "enrollment": enrollment,
            "kind": "tell" if what.name == "tell" else "task",
            "state": what.state,
            "title": what.title,
            "assignee": what.assignee,
            "due": what.due,
            "status": OPEN,
            "opened_at": now,
        },
    )


def _end(connection: Connection, effect: Effect, now: datetime) -> None:
    to = DONE if effect.action == "done" else MOOT
    _END_TASK.run(connection, {"the_id": effect.id, "to": to, "at": now, "by": None})
    _CLEAR_REMINDER.run(connection, {"the_id": effect.id, "at": now})


def _task(row: Any) -> Task:
    return Task(
        id=row.id,
        enrollment=row.enrollment,
        patient_ref=row.patient_ref,
        journey=row.journey,
        kind=row.kind,
        state=row.state,
        title=row.title,
        assignee=row.assignee,
        due=row.due,
        status=row.status,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
