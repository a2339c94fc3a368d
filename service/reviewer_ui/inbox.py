"""The page of the inbox: what the signed-in account has to do, what waits for others, and the switch of the digest."""

from __future__ import annotations

from flask import Response, request

from service.access import accounts, digests
from service.http.context import service
from service.publishing import review
from service.publishing.inbox import read_inbox
from service.reviewer_ui.blueprint import blueprint, page, to
from service.reviewer_ui.preview_page import language_of
from service.staff_pages import session

#: The words for why an account reads a comment.
CONCERNS = {"wrote": "you wrote this text", "signed": "you signed this text", "takes part": "you take part"}


@blueprint.route("/inbox")
def inbox() -> Response:
    """Return the page of the inbox."""
    account = session().account
    everything = read_inbox(service(), now=service().clock())
    own = everything.of(account)
    return page(
        "inbox",
        account=account,
        own=own,
        everything=everything,
        own_waiting=own.waiting_texts([account]),
        all_waiting=everything.waiting_texts(accounts.list_accounts(service())),
        newest={journey.key: journey.releases[0].number for journey in review.list_journeys(service())},
        language_of=language_of,
        concerns=CONCERNS,
    )


@blueprint.route("/inbox/digest", methods=["POST"])
def switch_digest() -> Response:
    """Switch the daily digest of the signed-in account on or off."""
    digests.switch_digest(service(), session().account, is_on=request.form.get("digest") == "on")
    return to("inbox", _anchor="digest")
