"""The page of open tasks by deadline, and closing a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Response, request

from journeys.content.screen import fact_title, in_locale, journey_title, title_of
from journeys.definition.compiler import ReleasePlan
from journeys.engine.effects import TELL
from journeys.primitives.errors import Refused
from journeys.primitives.state_path import StatePath
from service.access import accounts
from service.access.caller import OF_ACCOUNT
from service.care_ui.blueprint import blueprint, caller, page, to
from service.effects import tasks
from service.effects.store.tasks import CLOSED, NOBODY, OPEN, OpenTaskFilter, Task, TaskPosition
from service.http.context import service
from service.platform import errors
from service.platform.logs import log
from service.publishing import review
from service.staff_pages import session

#: The number of tasks on a page.
TASKS = 50
NO_DEADLINE = "none"
FILTERS = ("journey", "due", "whose")
WHOSE = ("mine", "nobody")
NOTICES = {
    "closed": "The task is closed.",
    "taken": "You have taken the task on.",
    "given_back": "Nobody has the task now.",
    "not_taken": "Somebody else has taken the task on meanwhile, or it is over. Nothing was changed.",
    "over": "The task was over already: somebody had closed it, or it was no longer needed.",
}


@blueprint.route("/")
def start() -> Response:
    """Return the page of open tasks, overdue ones first, of all journeys or of one, of everybody, oneself or nobody."""
    plans = plans_of_journeys()
    journeys = {key: journey_title(plan, plan.journey.locales[0]) for key, plan in plans.items()}
    journey = request.args.get("journey") or None
    if journey is not None and journey not in journeys:
        raise errors.NotFound
    only_overdue = request.args.get("due") == "overdue"
    whose = request.args.get("whose", "")
    after = request.args.get("after", "")
    worklist = tasks.read_worklist(
        service(),
        OpenTaskFilter(journey=journey, claimed_by={"mine": caller().name, "nobody": NOBODY}.get(whose)),
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
        whose=whose if whose in WHOSE else "",
        filters={name: request.args[name] for name in FILTERS if request.args.get(name)},
        name_of=names_of_accounts(),
        me=caller().name,
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
    return _back_to_list(said)


@blueprint.route("/tasks/<id:task>/claim", methods=["POST"])
def claim(task: str) -> Response:
    """Take a task on, or give it back, and return to the page of the form; it is not taken from a third person."""
    stored = tasks.read_task(service(), task)
    by = caller().name if request.form.get("claim") == "take" else None
    is_mine = stored.status == OPEN and stored.claimed_by == by  # a double click takes it once
    is_done = is_mine or tasks.claim_task(service(), task, before=request.form.get("before") or None, by=by)
    if is_done:
        log().info("task claimed" if by is not None else "task given back", account=session().account.id, task=task)
    said = ("taken" if by is not None else "given_back") if is_done else "not_taken"
    if request.form.get("page") == "patient":
        return to("patient", enrollment=stored.enrollment, said=said)
    return _back_to_list(said)


def names_of_accounts() -> Callable[[str], str]:
    """Return a function with the printed name of a reporter that is an account, and of any other its name."""
    names = {f"{OF_ACCOUNT}{account.id}": account.printed_name for account in accounts.list_accounts(service())}
    return lambda reporter: names.get(reporter, reporter)


def plans_of_journeys() -> dict[str, ReleasePlan]:
    """Return the newest plan of each journey."""
    return {journey.key: journey.plan for journey in review.list_journeys(service())}


def about(task: Task, plans: Mapping[str, ReleasePlan]) -> str:
    """Return the title of the state, the fact or the survey that a task is about."""
    plan = plans.get(task.journey)
    if plan is None:
        return ""
    locale = plan.journey.locales[0]
    if task.state in plan.journey.facts:
        return fact_title(plan, plan.journey.facts[task.state], locale)
    if task.state in plan.journey.surveys:
        return in_locale(plan.journey.surveys[task.state].ask.question, locale, plan.journey.locales)
    state = StatePath.parse(task.state)
    return title_of(plan, state.track, state.path, locale)


def _back_to_list(said: str) -> Response:
    return to("start", said=said, **{name: request.form[name] for name in FILTERS if request.form.get(name)})


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
