"""The page of a patient, who is found by reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, request
from werkzeug.datastructures import MultiDict

from journeys.engine.effects import TELL
from service.access import accounts
from service.access.store.accounts import KeptForm
from service.care_ui.blueprint import ROOM, blueprint, caller, page
from service.care_ui.forms import FACT, in_groups, in_words
from service.care_ui.worklist import NOTICES as NOTICES_OF_TASKS
from service.care_ui.worklist import about, names_of_accounts, plans_of_journeys
from service.enrollments.overview import Overview, read_overview
from service.http.context import service
from service.outreach.explain import explain_messages
from service.outreach.say import read_words
from service.platform import errors
from service.platform.logs import log
from service.staff_pages import session
from service.staff_pages.find_patient import add_find_patient

#: The pages are in English, like the names of the fields around them; a patient's screen is in the patient's language.
LOCALE = "en"
#: The number of entries of the timeline on a page.
ENTRIES = 50
NOTICES: Mapping[str, str] = {
    **NOTICES_OF_TASKS,
    "told": "It is reported that the patient has been told. The patient's app follows.",
    "still_held": "Reported, but dated before the news: the patient still counts as not told. Report the right day.",
    "advanced": "Reported. The patient is in another state now.",
    "stayed": "Reported and noted.",
    "waiting": "Reported. It waits for a fact that nobody has reported; the timeline names it.",
    "ignored": "Reported. Nothing follows from it here; it stays in the timeline.",
    "corrected": "The event is corrected. What was reported first stays in the timeline, marked.",
    "retracted": "The event is retracted. It stays in the timeline, marked.",
}


KEPT = "You had been signed out. This is the form as you filled it in: read it, then send it again."


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """A form of a patient's page that was not accepted: what was entered, the problems by field, and the status."""

    entered: MultiDict[str, str] = field(default_factory=MultiDict)
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    status: int = 200


add_find_patient(ROOM, caller, opens="patient")


@blueprint.route("/enrollments/<id:enrollment>")
def patient(enrollment: str) -> Response:
    """Return the page of a patient in a journey; with a form that was sent after the session before had ended."""
    kept = accounts.take_form(service(), session(), request.path)
    return patient_page(enrollment, _kept_form(kept) if kept is not None else RefusedForm())


def _words(overview: Overview, enrollment: str) -> dict[str, str]:
    """What patients and caregivers wrote, by the id of the task to read it."""
    written = {said.id: said.text for said in read_words(service(), enrollment)}
    return written | {words.task: words.text for words in overview.words}


def _kept_form(kept: KeptForm) -> RefusedForm:
    entered = MultiDict((name, text) for name, texts in kept.fields.items() for text in texts)
    return RefusedForm(entered, {"form": [KEPT]})


def patient_page(enrollment: str, refused: RefusedForm) -> Response:
    """Return the page of a patient in a journey, with the form that was not accepted as it was filled in.

    Raises:
        NotFound: the enrollment, or the page of the timeline, does not exist.
    """
    overview = read_overview(service(), caller(), enrollment, LOCALE)
    log().info("patient read", account=session().account.id, enrollment=enrollment)
    number = request.args.get("page", 1, type=int)
    pages = max(1, -(-len(overview.timeline) // ENTRIES))
    if not 1 <= number <= pages:
        raise errors.NotFound
    plans = plans_of_journeys()
    return page(
        "patient",
        refused.status,
        overview=overview,
        enrollment=enrollment,
        timeline=overview.timeline[(number - 1) * ENTRIES : number * ENTRIES],
        number=number,
        pages=pages,
        messages=explain_messages(service(), caller(), enrollment)[::-1],
        words=_words(overview, enrollment),
        about=lambda task: about(task, plans),
        name_of=names_of_accounts(),
        me=caller().name,
        today=overview.at.astimezone(overview.stored.zone).date(),
        now=overview.at,
        new_id=service().new_id,
        fact_prefix=FACT,
        in_groups=in_groups,
        tell=TELL,
        entered=refused.entered,
        problems={
            name: [in_words(text, overview.fact_titles) for text in texts] for name, texts in refused.problems.items()
        },
        notice=NOTICES.get(request.args.get("said", "")) if not refused.problems else None,
    )
