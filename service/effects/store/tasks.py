"""SQL of tasks for people. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, or_, select, update

from journeys.engine.effects import Following
from service.platform.database.statements import InsertOrRestore, Prepared, Target
from service.platform.database.tables import enrollments, looks, tasks

OPEN, CLOSED, DONE, MOOT = "open", "closed", "done", "moot"
STATUSES = (OPEN, CLOSED, DONE, MOOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task for a person, about an enrollment or (None) about content that is not approved."""

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


_OPEN_TASK = InsertOrRestore(tasks, {"status": OPEN, "closed_at": None, "closed_by": None}, {"status": (DONE, MOOT)})
_END_TASK = Prepared(
    update(tasks)
    .where(tasks.c.id == bindparam("the_id"), tasks.c.status == OPEN)
    .values(status=bindparam("to"), closed_at=bindparam("at"), closed_by=bindparam("by"))
)
_ITS_ENROLLMENT = select(tasks.c.enrollment).where(tasks.c.id == bindparam("id")).scalar_subquery()
_LOOK_AGAIN = (
    update(looks).where(looks.c.looker == "feed", looks.c.enrollment == _ITS_ENROLLMENT).values(next_at=bindparam("at"))
)
_TASK = select(tasks, enrollments.c.patient_ref, enrollments.c.journey).join_from(tasks, enrollments)
_CLOSED_TASKS = Prepared(
    select(tasks.c.id).where(tasks.c.enrollment == bindparam("enrollment"), tasks.c.status == CLOSED)
)
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


def open_task(target: Target, enrollment: str, id: str, task: Following, now: datetime) -> None:
    """Stores a new open task, or opens it again if an event ended it; a task that a person closed stays closed."""
    _OPEN_TASK.run(
        target,
        {
            "id": id,
            "enrollment": enrollment,
            "kind": "tell" if task.name == "tell" else "task",
            "state": task.state,
            "title": task.title,
            "assignee": task.assignee,
            "due": task.due,
            "status": OPEN,
            "opened_at": now,
        },
    )


def end_task(target: Target, task: str, status: str, now: datetime) -> None:
    """Ends a task, if it is open, because of an event: `status` is done or moot."""
    _END_TASK.run(target, {"the_id": task, "to": status, "at": now, "by": None})


def close_task(connection: Connection, task: str, by: str, now: datetime) -> None:
    """Closes a task by a person, if it is open."""
    _END_TASK.run(connection, {"the_id": task, "to": CLOSED, "at": now, "by": by})


def look_again(connection: Connection, task: str, now: datetime) -> None:
    """Has the publisher of the feed look again at the enrollment of a task: closing it does not raise the revision."""
    connection.execute(_LOOK_AGAIN, {"id": task, "at": now})


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


def tasks_closed_by_persons(connection: Connection, enrollment: str) -> frozenset[str]:
    """The ids of an enrollment's tasks that a person closed."""
    return frozenset(row.id for row in _CLOSED_TASKS.all(connection, {"enrollment": enrollment}))
