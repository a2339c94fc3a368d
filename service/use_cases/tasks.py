"""Tasks of the care team: listed, and closed by a person."""

from __future__ import annotations

from service import errors
from service.store import approvals, work
from service.store.work import Task
from service.use_cases.reading import Page
from service.use_cases.service import Caller, Service
from service.use_cases.views import task_of


def list_tasks(
    service: Service, *, status: str | None, assignee: str | None, enrollment: str | None, after: str, count: int
) -> Page:
    """Tasks by id, of a status, assignee or enrollment where given; those about content among them."""
    with service.database.reading() as connection:
        found = work.list_tasks(
            connection, status=status, assignee=assignee, enrollment=enrollment, after=after, count=count + 1
        )
        if enrollment is None and assignee in (None, approvals.ASSIGNEE):
            found += approvals.list_tasks(connection, status=status, after=after, count=count + 1)
            found.sort(key=lambda task: task.id)
    items = [task_of(task) for task in found[:count]]
    return Page(items, found[count - 1].id if len(found) > count else None)


def close_task(service: Service, caller: Caller, task: str) -> Task:
    """The task, closed by the caller if it was open; what ended otherwise stays as it was.

    Raises:
        NotFound: there is no such task.
    """
    with service.database.writing() as connection:
        work.close_task(connection, task, caller.name, service.clock())
        found = work.find_task(connection, task) or approvals.close_task(connection, task, caller.name, service.clock())
    if found is None:
        raise errors.NotFound(errors.NO_SUCH_TASK)
    return found
