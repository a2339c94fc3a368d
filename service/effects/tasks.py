"""Tasks of the care team: listed, and closed by a person."""

from __future__ import annotations

from typing import Any

from journeys.primitives.canonical import time_text
from service.access.caller import Caller
from service.effects.store import content_tasks, work
from service.effects.store.work import Task
from service.platform import errors
from service.platform.pages import Page
from service.platform.process import Process


def list_tasks(
    process: Process, *, status: str | None, assignee: str | None, enrollment: str | None, after: str, count: int
) -> Page:
    """Tasks by id, of a status, assignee or enrollment where given; those about content among them."""
    with process.database.reading() as connection:
        found = work.list_tasks(
            connection, status=status, assignee=assignee, enrollment=enrollment, after=after, count=count + 1
        )
        if enrollment is None and assignee in (None, content_tasks.ASSIGNEE):
            found += content_tasks.list_tasks(connection, status=status, after=after, count=count + 1)
            found.sort(key=lambda task: task.id)
    items = [task_of(task) for task in found[:count]]
    return Page(items, found[count - 1].id if len(found) > count else None)


def close_task(process: Process, caller: Caller, task: str) -> Task:
    """The task, closed by the caller if it was open; what ended otherwise stays as it was.

    Raises:
        NotFound: there is no such task.
    """
    with process.database.writing() as connection:
        work.close_task(connection, task, caller.name, process.clock())
        found = work.find_task(connection, task) or content_tasks.close_task(
            connection, task, caller.name, process.clock()
        )
    if found is None:
        raise errors.NotFound(errors.NO_SUCH_TASK)
    return found


def task_of(task: Task) -> dict[str, Any]:
    """A task for an answer."""
    return {
        "id": task.id,
        "enrollment": task.enrollment,
        "patient_ref": task.patient_ref,
        "journey": task.journey,
        "kind": task.kind,
        "state": task.state,
        "title": task.title,
        "assignee": task.assignee,
        "due": time_text(task.due) if task.due else None,
        "status": task.status,
        "opened_at": time_text(task.opened_at),
        "closed_at": time_text(task.closed_at) if task.closed_at else None,
        "closed_by": task.closed_by,
    }
