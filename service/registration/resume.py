"""The pages with which a registration goes on elsewhere: a link is sent, and opens a page with a button."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from journeys.registration import AnswerProblem, answer_of
from journeys.registration.fields import JoinField
from service.http.context import service
from service.platform import errors
from service.registration.blueprint import (
    blueprint,
    chosen_from,
    draft,
    joining,
    keep_cookie,
    locale,
    page,
    to,
    words,
)
from service.registration.drafts import KEPT, Draft, move_draft, read_draft
from service.registration.letters import send_link
from service.registration.pages import checked, open_step_of

CONTACT = JoinField("contact", "contact")


@blueprint.route("/join/<programme>/later")
def later_page(programme: str) -> Response:
    """Shows the form to get a link."""
    if draft() is None:
        return to("start_page")
    if g.draft.finished_at is not None:
        return to("done_page")
    known = g.draft.answers.get("contact")
    return page("later", is_sent=False, problem=None, contact=known[1] if known else "", days=KEPT.days, **_ways())


@blueprint.route("/join/<programme>/later", methods=["POST"])
def send_later(programme: str) -> Response:
    """Sends a link to the address that was typed."""
    if draft() is None:
        return to("start_page")
    if g.draft.finished_at is not None:
        return to("done_page")
    sent = request.form.getlist("contact")
    contact = answer_of(CONTACT, sent, chosen_from(), checked)
    if isinstance(contact, AnswerProblem):
        typed = sent[0][:254] if sent else ""
        return page("later", 422, is_sent=False, problem=contact.text, contact=typed, days=KEPT.days, **_ways())
    base = joining().sender.outbox.public_url or request.host_url.rstrip("/")
    link = f"{base}/join/{programme}/resume/{g.secret}"
    send_link(joining().sender, (contact[0], contact[1]), link, words(locale()), locale())
    return page("later", is_sent=True, problem=None, contact="", days=KEPT.days, **_ways())


@blueprint.route("/join/<programme>/resume/<link>")
def resume_page(programme: str, link: str) -> Response:
    """Shows a button; opening the link changes nothing, so that a scanner of mail changes nothing either."""
    kept = _linked(programme, link)
    return page("resume", is_finished=kept.finished_at is not None, link=link)


@blueprint.route("/join/<programme>/resume/<link>", methods=["POST"])
def resume(programme: str, link: str) -> Response:
    """Goes on in this browser, and there alone: somebody else who has the link reads nothing that is written now."""
    kept = _linked(programme, link)
    if kept.finished_at is not None:
        return page("resume", is_finished=True, link=link)
    g.draft, g.secret = kept, move_draft(service(), link)
    response = to("step_page", step=open_step_of(kept))
    keep_cookie(response, g.secret)
    return response


def _ways() -> dict[str, Any]:
    return {"channels": chosen_from().channels}


def _linked(programme: str, link: str) -> Draft:
    """The draft of a link.

    Raises:
        NotFound: the link is wrong or too old; these are not told apart.
    """
    kept = read_draft(service(), link) if 40 <= len(link) <= 100 else None
    if kept is None or kept.programme != programme:
        raise errors.NotFound
    return kept
