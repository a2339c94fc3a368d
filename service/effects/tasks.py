"""Tasks for people: listed, and closed by a person. Opening them is the engine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.access.caller import Caller
from service.effects.store import content_tasks, tasks
from service.effects.store.tasks import OpenTaskFilter, Task, TaskPosition
from service.platform import errors
from service.platform.pages import Page, cut_page
from service.platform.process import Process

NO_SUCH_TASK = "No such task."


def list_tasks(
    process: Process, *, status: str | None, assignee: str | None, enrollment: str | None, after: str, count: int
) -> Page[Task]:
    """A page of tasks by id, also those about content; `status`, `assignee` and `enrollment` filter where not None."""
    with process.database.reading() as connection:
        matching_tasks = tasks.list_tasks(
            connection, status=status, assignee=assignee, enrollment=enrollment, after=after, count=count + 1
        )
        if enrollment is None and assignee in (None, content_tasks.ASSIGNEE):
            matching_tasks += content_tasks.list_tasks(connection, status=status, after=after, count=count + 1)
            matching_tasks.sort(key=lambda task: task.id)
    return cut_page(matching_tasks, count, lambda task: task.id)


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of open tasks by deadline, overdue ones first; the numbers of all open and of overdue tasks."""

    tasks: Sequence[Task]
    next: TaskPosition | None
    open: int
    overdue: int


def read_worklist(
    process: Process, wanted: OpenTaskFilter, *, only_overdue: bool, after: TaskPosition | None, count: int
) -> Worklist:
    """A page of the open tasks about patients, from after a position."""
    now = process.clock()
    due_before = now if only_overdue else None
    with process.database.reading() as connection:
        matching_tasks = tasks.open_by_deadline(connection, wanted, due_before=due_before, after=after, count=count + 1)
        number_open, number_overdue = tasks.count_open(connection, wanted, now)
    shown = matching_tasks[:count]
    last = TaskPosition(shown[-1].due, shown[-1].id) if len(matching_tasks) > count else None
    return Worklist(shown, last, number_open, number_overdue)


def read_task(process: Process, task: str) -> Task:
    """A task about a patient.

    Raises:
        NotFound: no task about a patient has this id.
    """
    with process.database.reading() as connection:
        stored = tasks.find_task(connection, task)
    if stored is None:
        raise errors.NotFound(NO_SUCH_TASK)
    return stored


def claim_task(process: Process, task: str, *, before: str | None, by: str | None) -> bool:
    """Stores that a reporter has taken an open task on, or (None) that nobody has.

    False, and nothing is stored, where another than `before` had it meanwhile, or it is over.
    """
    with process.database.writing() as connection:
        return tasks.claim_task(connection, task, before, by)


def close_task(process: Process, caller: Caller, task: str) -> Task:
    """The task, closed by the caller if it was open; a task that ended otherwise stays as it is.

    Raises:
        NotFound: no task has this id.
    """
    now = process.clock()
    with process.database.writing() as connection:
        tasks.close_task(connection, task, caller.name, now)
        tasks.look_again(connection, task, now)
        closed = tasks.find_task(connection, task)
        if closed is None:
            closed = content_tasks.close_task(connection, task, caller.name, now)
    if closed is None:
        raise errors.NotFound(NO_SUCH_TASK)
    return closed
