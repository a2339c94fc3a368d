"""SQL of tasks for people. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Text, and_, bindparam, func, literal, or_, select, tuple_, update

from service.platform.database.statements import InsertOrRestore, Prepared, Target
from service.platform.database.tables import enrollments, looks, tasks
from service.platform.database.types import Instant

if TYPE_CHECKING:
    from journeys.engine.effects import Following

OPEN, CLOSED, DONE, MOOT = "open", "closed", "done", "moot"
#: Stands for those of nobody where tasks are filtered by who has taken them on.
NOBODY = ""
STATUSES = (OPEN, CLOSED, DONE, MOOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task for a person, about an enrollment or (None) about content that is not approved.

    `assignee` is the team that it is for; `claimed_by` the reporter of that team who has taken it on, if anybody has.
    """

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
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTaskFilter:
    """Which open tasks: of a journey, and of the reporter who has taken them on (`NOBODY`: nobody); None: all."""

    journey: str | None = None
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True)
class TaskPosition:
    """The place of a task in a list by deadline; `due` is None of a task without one."""

    due: datetime | None
    id: str


_REOPENED = {"status": OPEN, "closed_at": None, "closed_by": None, "claimed_by": None}
_OPEN_TASK = InsertOrRestore(tasks, _REOPENED, {"status": (DONE, MOOT)})
_CLAIM = (
    update(tasks)
    .where(
        tasks.c.id == bindparam("the_id"),
        tasks.c.status == OPEN,
        tasks.c.claimed_by.is_not_distinct_from(bindparam("before", type_=Text)),
    )
    .values(claimed_by=bindparam("by"))
)
_END_TASK = Prepared(
    update(tasks)
    .where(tasks.c.id == bindparam("the_id"), tasks.c.status == OPEN)
    .values(status=bindparam("to"), closed_at=bindparam("at"), closed_by=bindparam("by"))
)
_ITS_CLOCK = (
    select(enrollments.c.clock).where(enrollments.c.id == tasks.c.enrollment).correlate(tasks).scalar_subquery()
)
_CLOSE_TASK = (
    update(tasks)
    .where(tasks.c.id == bindparam("the_id"), tasks.c.status == OPEN)
    .values(
        status=CLOSED,
        closed_at=func.coalesce(_ITS_CLOCK, bindparam("at", type_=Instant())),
        closed_by=bindparam("by"),
    )
)
_ITS_ENROLLMENT = select(tasks.c.enrollment).where(tasks.c.id == bindparam("id")).scalar_subquery()
_LOOK_AGAIN = (
    update(looks).where(looks.c.looker == "feed", looks.c.enrollment == _ITS_ENROLLMENT).values(next_at=bindparam("at"))
)
_TASK = select(tasks, enrollments.c.patient_ref, enrollments.c.journey).join_from(tasks, enrollments)
_IS_REAL = enrollments.c.clock.is_(None)
_CLOSED_TASKS = Prepared(
    select(tasks.c.id).where(tasks.c.enrollment == bindparam("enrollment"), tasks.c.status == CLOSED)
)
_ONE_TASK = _TASK.where(tasks.c.id == bindparam("id"))
_TASKS = (
    _TASK.where(
        or_(bindparam("status", type_=Text).is_(None), tasks.c.status == bindparam("status")),
        or_(bindparam("assignee", type_=Text).is_(None), tasks.c.assignee == bindparam("assignee")),
        or_(
            and_(bindparam("enrollment", type_=Text).is_(None), _IS_REAL),
            tasks.c.enrollment == bindparam("enrollment"),
        ),
        tasks.c.id > bindparam("after"),
    )
    .order_by(tasks.c.id)
    .limit(bindparam("count"))
)
#: Tasks without a deadline come last.
_NO_DEADLINE = datetime(9999, 12, 31, tzinfo=UTC)
_BEFORE_ALL, _AFTER_ALL = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, 1, tzinfo=UTC)
_DEADLINE = func.coalesce(tasks.c.due, literal(_NO_DEADLINE, Instant))
_OPEN_TASKS = _TASK.where(
    tasks.c.status == OPEN,
    _IS_REAL,
    or_(bindparam("journey", type_=Text).is_(None), enrollments.c.journey == bindparam("journey")),
    or_(
        bindparam("claimed_by", type_=Text).is_(None),
        func.coalesce(tasks.c.claimed_by, NOBODY) == bindparam("claimed_by"),
    ),
)
_OPEN_BY_DEADLINE = (
    _OPEN_TASKS.where(
        bindparam("due_before", type_=Instant) > _DEADLINE,
        tuple_(_DEADLINE, tasks.c.id) > tuple_(bindparam("after_due", type_=Instant), bindparam("after_id")),
    )
    .order_by(_DEADLINE, tasks.c.id)
    .limit(bindparam("count"))
)
_COUNT_OPEN = _OPEN_TASKS.with_only_columns(
    func.count(), func.count().filter(tasks.c.due < bindparam("now", type_=Instant))
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
    """Closes a task by a person, if it is open; one of a sandbox at the present of its clock."""
    connection.execute(_CLOSE_TASK, {"the_id": task, "at": now, "by": by})


def claim_task(connection: Connection, task: str, before: str | None, by: str | None) -> bool:
    """Stores who has taken an open task on; false where another than `before` had it, or it is over."""
    return connection.execute(_CLAIM, {"the_id": task, "before": before, "by": by}).rowcount == 1


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
    """Tasks by id, from after an id; those of a sandbox only where `enrollment` names it."""
    values = {
        "status": status,
        "assignee": assignee,
        "enrollment": enrollment,
        "after": after,
        "count": count,
    }
    return [_task(row) for row in connection.execute(_TASKS, values)]


def open_by_deadline(
    connection: Connection,
    wanted: OpenTaskFilter,
    *,
    due_before: datetime | None,
    after: TaskPosition | None,
    count: int,
) -> list[Task]:
    """Open tasks by deadline, from after a position; `due_before` filters where not None."""
    values = {
        "journey": wanted.journey,
        "claimed_by": wanted.claimed_by,
        "due_before": due_before or _AFTER_ALL,
        "after_due": (after.due or _NO_DEADLINE) if after is not None else _BEFORE_ALL,
        "after_id": after.id if after is not None else "",
        "count": count,
    }
    return [_task(row) for row in connection.execute(_OPEN_BY_DEADLINE, values)]


def count_open(connection: Connection, wanted: OpenTaskFilter, now: datetime) -> tuple[int, int]:
    """The number of open tasks, and of those that are overdue."""
    values = {"journey": wanted.journey, "claimed_by": wanted.claimed_by, "now": now}
    row = connection.execute(_COUNT_OPEN, values).one()
    return row[0], row[1]


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
        claimed_by=row.claimed_by,
    )


def tasks_closed_by_persons(connection: Connection, enrollment: str) -> frozenset[str]:
    """The ids of an enrollment's tasks that a person closed."""
    return frozenset(row.id for row in _CLOSED_TASKS.all(connection, {"enrollment": enrollment}))
