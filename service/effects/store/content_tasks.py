"""SQL of tasks about content that is not approved, and of reminders whose piece was recalled. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, insert, or_, select, update

from service.effects.store.tasks import CLOSED, DONE, OPEN, Task
from service.platform.database.tables import approval_tasks, real_enrollments, reminders

#: The kind and the assignee of tasks about content.
KIND, ASSIGNEE = "approval", "content_team"

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
            select(real_enrollments.c.id).where(
                real_enrollments.c.journey == bindparam("the_journey"),
                real_enrollments.c.locale.in_(bindparam("locales", expanding=True)),
            )
        ),
    )
    .values(status="recalled", cleared_at=bindparam("at"))
)


def recall_queued(connection: Connection, journey: str, piece: str, locales: Iterable[str], now: datetime) -> int:
    """Recalls pending reminders of a piece for enrollments with one of the locales; returns how many."""
    values = {"the_journey": journey, "the_piece": piece, "locales": sorted(locales), "at": now}
    return connection.execute(_RECALL_QUEUED, values).rowcount


def list_tasks(connection: Connection, *, status: str | None, after: str, count: int) -> list[Task]:
    """Tasks about content by id, from after an id."""
    rows = connection.execute(_TASKS, {"status": status, "after": after, "count": count})
    return [_task(row) for row in rows]


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


def set_tasks(connection: Connection, journey: str, titles: Mapping[str, str], now: datetime) -> None:
    """Stores the tasks of a journey (title by id): opens those that are new, and ends all others."""
    rows = {row.id: row for row in connection.execute(_TASKS_OF, {"journey": journey})}
    for task, title in titles.items():
        row = rows.get(task)
        opened = {"status": OPEN, "opened_at": now, "closed_at": None, "closed_by": None}
        if row is None:
            connection.execute(_INSERT_TASK, {"id": task, "journey": journey, "title": title, **opened})
        elif row.status == DONE:
            connection.execute(_SET_TASK, {"the_id": task, **opened})
    for task, row in rows.items():
        if task not in titles and row.status != DONE:
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
