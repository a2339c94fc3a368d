"""Tasks for people: listed, and closed by a person. Opening them is the engine's."""

from __future__ import annotations

from service.access.caller import Caller
from service.effects.store import content_tasks, tasks
from service.effects.store.tasks import Task
from service.platform import errors
from service.platform.pages import Page, cut_page
from service.platform.process import Process


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
        raise errors.NotFound("No such task.")
    return closed
