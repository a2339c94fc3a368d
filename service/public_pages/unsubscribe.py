"""The page that ends the messages of a channel: GET shows, POST acts (RFC 8058)."""

from __future__ import annotations

from flask import Response

from service.http.context import service
from service.outreach import unsubscribe as use_case
from service.outreach.unsubscribe import LinkedPerson
from service.public_pages.blueprint import blueprint, page


@blueprint.route("/u/<path:token>")
def unsubscribe_page(token: str) -> Response:
    """Shows what the button would end."""
    return _page(token, use_case.read_link(service(), token))


@blueprint.route("/u/<path:token>", methods=["POST"])
def unsubscribe(token: str) -> Response:
    """Ends the channel of the link, whatever the body says: a mail program sends `List-Unsubscribe=One-Click`."""
    return _page(token, use_case.unsubscribe(service(), token))


def _page(token: str, linked: LinkedPerson) -> Response:
    template = "unsubscribed" if linked.own.status == "revoked" else "unsubscribe"
    return page(template, linked.person.language, token=token, channel=linked.own.channel)
