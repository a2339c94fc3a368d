"""Routes of tasks: what a person must do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from service.effects import tasks
from service.effects.store.work import OPEN
from service.effects.tasks import task_of
from service.http import schemas
from service.http.blueprint import Blueprint
from service.http.context import caller, json_answer, service
from service.http.pages import after_id, page_body, page_size

blueprint = Blueprint("tasks", __name__, url_prefix="/v1", description="What a person must do")


@blueprint.route("/tasks", methods=["GET"])
@blueprint.asks(schemas.TaskQuery)
@blueprint.response(200, schemas.TaskPage)
def list_tasks(query: Mapping[str, Any]) -> Response:
    """List tasks, the open ones unless another status is asked for."""
    page = tasks.list_tasks(
        service(),
        status=query.get("status", OPEN),
        assignee=query.get("assignee"),
        enrollment=query.get("enrollment"),
        after=after_id(query),
        count=page_size(query),
    )
    return json_answer(page_body(page))


@blueprint.route("/tasks/<id:task>/close", methods=["POST"])
@blueprint.response(200, schemas.TaskOut)
def close(task: str) -> Response:
    """Close a task; one that is no longer open stays as it is."""
    return json_answer(task_of(tasks.close_task(service(), caller(), task)))
