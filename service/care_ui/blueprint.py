"""The blueprint of the care team's pages, and the caller behind them. It has no page itself."""

from __future__ import annotations

from pathlib import Path

from flask import request, url_for
from markupsafe import Markup

from journeys.primitives.canonical import stored_time
from service.access import accounts
from service.access.caller import Caller
from service.care_ui.access import ROUTES
from service.staff_pages import Room, session
from service.staff_pages.sign_in import add_sign_in

NAME = "care"


def page_of_form() -> str:
    """Return the address of the page that a form was on, as far as the route tells."""
    enrollment = (request.view_args or {}).get("enrollment")
    return url_for(f"{NAME}.patient", enrollment=enrollment) if enrollment else url_for(f"{NAME}.start")


ROOM = Room(
    name=NAME,
    address="/care",
    title="Care team",
    audience="For care teams.",
    home="All tasks",
    parts={"start": "Tasks", "patients_page": "Patients"},
    styles=["care.css"],
    folder=Path(__file__).parent,
    routes=ROUTES,
    page_of_form=page_of_form,
    keeps=frozenset({"report", "retract"}),
)
blueprint, page, to = ROOM.blueprint, ROOM.page, ROOM.to
add_sign_in(ROOM)


@blueprint.app_template_filter()
def moment(text: str) -> Markup:
    """Return a day or an instant in words, as an element."""
    at, is_day = stored_time(text)
    words = f"{at.day} {at:%B %Y}" if is_day else f"{at.day} {at:%B %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(text, words)


def caller() -> Caller:
    """Return the signed-in account as a member of staff who reports."""
    return accounts.caller_of(session().account)
