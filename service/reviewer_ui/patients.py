"""The page that explains the state of a patient, who is found by reference."""

from __future__ import annotations

from flask import Response

from service.access.caller import Caller
from service.enrollments import explain
from service.enrollments.content import ContentOptions
from service.http.context import service
from service.platform.logs import log
from service.reviewer_ui.blueprint import ROOM, blueprint, page
from service.staff_pages import session
from service.staff_pages.find_patient import add_find_patient


@blueprint.route("/enrollments/<id:enrollment>")
def explanation(enrollment: str) -> Response:
    """Return the page that explains a patient's states, and why each piece is shown or not."""
    explained = explain.read_explanation(service(), _caller(), enrollment, ContentOptions())
    log().info("explanation read", account=session().account.id, enrollment=enrollment)
    return page("explanation", explained=explained, enrollment=enrollment)


def _caller() -> Caller:
    """Return the signed-in account as a member of staff who can only read."""
    account = session().account
    return Caller(account.id, f"room:{account.id}", frozenset({"read", "staff"}), "staff")


add_find_patient(ROOM, _caller, opens="explanation")
