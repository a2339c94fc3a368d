"""The page of the binder: what a reviewer decided, signed together with one password. It runs no script."""

from __future__ import annotations

from flask import Response, request

from service.access import accounts
from service.http.context import service
from service.publishing import approvals
from service.publishing.trail import read_trail
from service.reviewer_ui.blueprint import blueprint, page, to
from service.reviewer_ui.preview_page import language_of
from service.reviewer_ui.queue import open_queue
from service.reviewer_ui.signatures import MEANINGS
from service.staff_pages import session

_BINDER = "/journeys/<id:journey>/binder"


@blueprint.route(_BINDER)
def binder(journey: str) -> Response:
    """Return the page of the binder: what is signed together, what cannot be signed and why."""
    opened, account = open_queue(journey), session().account
    entries = approvals.read_binder(service(), approvals.signer_of(account), journey, now=service().clock())
    trail = read_trail(service(), journey)
    signed = [step for step in trail if step.account == account.name and step.kind in ("approved", "rejected")]
    last = max((step.at for step in signed), default=None)
    ready = [entry.verdict for entry in entries if not entry.problem]
    return page(
        "binder",
        release=opened.release,
        queue=opened,
        ready=ready,
        left_out=[entry for entry in entries if entry.problem],
        meanings={verdict.function: MEANINGS.get(verdict.function, "") for verdict in ready},
        signed_at=last,
        signed=sum(step.at == last for step in signed),
        signing=session(),
        is_confirmed=accounts.is_confirmed(service(), session()),
        language_of=language_of,
    )


@blueprint.route(f"{_BINDER}/sign", methods=["POST"])
def sign_binder(journey: str) -> Response:
    """Sign the binder after identifying the sender once; a double click signs once."""
    signer, now = approvals.signer_of(session().account), service().clock()
    entries = approvals.read_binder(service(), signer, journey, now=now)
    if any(not entry.problem for entry in entries):
        accounts.identify(service(), session(), request.form.get("name", ""), request.form.get("password", ""))
        approvals.sign_binder(service(), signer, journey, meanings=MEANINGS, now=now)
    return to("binder", journey=journey)
