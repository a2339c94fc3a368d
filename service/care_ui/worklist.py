"""The page of open tasks by deadline, and closing a task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Response, request

from journeys.content.screen import fact_title, journey_title, title_of
from journeys.definition.compiler import ReleasePlan
from journeys.engine.effects import TELL
from journeys.primitives.errors import Refused
from journeys.primitives.state_path import StatePath
from service.care_ui.blueprint import blueprint, caller, page, to
from service.effects import tasks
from service.effects.store.tasks import CLOSED, OPEN, Task, TaskPosition
from service.http.context import service
from service.platform import errors
from service.publishing import review

#: The number of tasks on a page.
TASKS = 50
NO_DEADLINE = "none"
NOTICES = {
    "closed": "The task is closed.",
    "over": "The task was over already: somebody had closed it, or it was no longer needed.",
}


@blueprint.route("/")
def start() -> Response:
    """Return the page of open tasks, overdue ones first, of all journeys or of one."""
    plans = plans_of_journeys()
    journeys = {key: journey_title(plan, plan.journey.locales[0]) for key, plan in plans.items()}
    journey = request.args.get("journey") or None
    if journey is not None and journey not in journeys:
        raise errors.NotFound
    only_overdue = request.args.get("due") == "overdue"
    after = request.args.get("after", "")
    worklist = tasks.read_worklist(
        service(),
        journey=journey,
        only_overdue=only_overdue,
        after=_position(after) if after else None,
        count=TASKS,
    )
    return page(
        "worklist",
        worklist=worklist,
        journeys=journeys,
        about=lambda task: about(task, plans),
        journey=journey,
        only_overdue=only_overdue,
        is_first=not after,
        next=_cursor(worklist.next) if worklist.next is not None else None,
        now=service().clock(),
        notice=NOTICES.get(request.args.get("said", "")),
    )


@blueprint.route("/tasks/<id:task>/close", methods=["POST"])
def close(task: str) -> Response:
    """Close a task, and return to the page of the form; a double click closes it once."""
    stored = tasks.read_task(service(), task)
    if stored.kind == TELL and stored.status == OPEN:
        raise Refused({"task": ["This task ends when the patient has been told. Report that on the patient's page."]})
    closed = tasks.close_task(service(), caller(), task)
    said = "closed" if (closed.status, closed.closed_by) == (CLOSED, caller().name) else "over"
    if request.form.get("page") == "patient":
        return to("patient", enrollment=stored.enrollment, said=said)
    filters = {name: request.form[name] for name in ("journey", "due") if request.form.get(name)}
    return to("start", said=said, **filters)


def plans_of_journeys() -> dict[str, ReleasePlan]:
    """Return the newest plan of each journey."""
    return {journey.key: journey.plan for journey in review.list_journeys(service())}


def about(task: Task, plans: Mapping[str, ReleasePlan]) -> str:
    """Return the title of the state or the fact that a task is about."""
    plan = plans.get(task.journey)
    if plan is None:
        return ""
    locale = plan.journey.locales[0]
    if task.state in plan.journey.facts:
        return fact_title(plan, plan.journey.facts[task.state], locale)
    state = StatePath.parse(task.state)
    return title_of(plan, state.track, state.path, locale)


def _cursor(position: TaskPosition) -> str:
    due = position.due.isoformat() if position.due is not None else NO_DEADLINE
    return f"{due}~{position.id}"


def _position(cursor: str) -> TaskPosition:
    """Return the position that a cursor names.

    Raises:
        NotFound: it was not made by this page.
    """
    due, _, task = cursor.partition("~")
    if due == NO_DEADLINE:
        return TaskPosition(None, task)
    try:
        instant = datetime.fromisoformat(due)
    except ValueError:
        raise errors.NotFound from None
    if instant.tzinfo is None:
        raise errors.NotFound
    return TaskPosition(instant, task)
