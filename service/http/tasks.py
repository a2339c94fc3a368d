"""Routes of tasks for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from service.effects import tasks
from service.effects.store.tasks import OPEN, STATUSES
from service.enrollments.sandbox import require_own_sandbox
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, service
from service.http.fields import OneOf, Text
from service.http.pages import after_id, page_size
from service.http.schema import PageQuery, dumper, request_field
from service.http.state_schemas import TaskOut


class TaskQuery(PageQuery):
    """Filters of the list of tasks."""

    status = request_field(OneOf, *STATUSES, description="Status of the tasks; `open` by default.")
    assignee = request_field(Text, longest=100, example="care_team")
    enrollment = request_field(Text, longest=64)


class TaskPage(Schema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskOut), required=True)
    next = fields.String(required=True, allow_none=True)


_dump_task = dumper(TaskOut)
_dump_page = dumper(TaskPage)

blueprint = Blueprint("tasks", __name__, url_prefix="/v1", description="Tasks for people")


@blueprint.route("/tasks", methods=["GET"])
@blueprint.asks(TaskQuery)
@blueprint.response(200, TaskPage)
def list_tasks(query: Mapping[str, Any]) -> Response:
    """List tasks; without `status`, those that are open. A token for sandboxes names the `enrollment`."""
    require_own_sandbox(service(), caller(), query.get("enrollment"))
    page = tasks.list_tasks(
        service(),
        status=query.get("status", OPEN),
        assignee=query.get("assignee"),
        enrollment=query.get("enrollment"),
        after=after_id(query),
        count=page_size(query),
    )
    return json_answer(_dump_page(page))


@blueprint.route("/tasks/<id:task>/close", methods=["POST"])
@blueprint.response(200, TaskOut)
def close(task: str) -> Response:
    """Close a task. A task that is no longer open stays as it is."""
    if caller().is_sandbox:
        require_own_sandbox(service(), caller(), tasks.read_task(service(), task).enrollment)
    return json_answer(_dump_task(tasks.close_task(service(), caller(), task)))
