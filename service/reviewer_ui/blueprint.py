"""The blueprint of the reviewers' pages, and how a page is answered. It has no page itself."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, cast

from flask import Response, current_app, request, url_for
from markupsafe import Markup

from journeys.review.documents import STYLE
from service.platform.cache import Cache
from service.platform.page_frame import policy_of_pages
from service.reviewer_ui.access import ROUTES
from service.staff_pages import Room
from service.staff_pages.sign_in import add_sign_in, from_provider
from service.walks import parts as walks

NAME = "room"
#: An extension: the cache of rendered review packs, of which each is large.
PACKS = "journeys-room-packs"
#: Pages with a diagram run the script of this site that moves and folds it; no password is entered on them.
POLICY_OF_DIAGRAMS = policy_of_pages(
    "script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'", form_action="self"
)
#: Pages of the queue run the script of this site that knows its keys; no password is entered on them.
POLICY_OF_KEYS = policy_of_pages("script-src 'self'; style-src 'self'; img-src 'self' data:", form_action="self")


def page_of_form() -> str:
    """Return the address of the page that a form was on, as far as the route tells."""
    arguments = dict(request.view_args or {})
    if "version" in arguments:
        return url_for(f"{NAME}.piece", **{name: arguments[name] for name in ("journey", "number", "key", "version")})
    if "kind" in arguments:
        return url_for(f"{NAME}.queued_item", **arguments)
    if "number" in arguments:
        return url_for(f"{NAME}.release", journey=arguments["journey"], number=arguments["number"])
    return url_for(f"{NAME}.inbox" if request.endpoint == f"{NAME}.switch_digest" else f"{NAME}.start")


ROOM = Room(
    name=NAME,
    address="/room",
    title="Reviewers' room",
    audience="For those who write, review and publish.",
    home="All journeys",
    parts={
        "journeys": "Journeys",
        "inbox": "Inbox",
        "signatures": "Signatures",
        "patients_page": "Patients",
        "accounts_page": "Accounts",
    },
    styles=["room.css"],
    folder=Path(__file__).parent,
    routes=ROUTES,
    page_of_form=page_of_form,
    shared=[walks.FOLDER],
)
blueprint, page, to = ROOM.blueprint, ROOM.page, ROOM.to
blueprint.register_blueprint(walks.templates())
add_sign_in(ROOM)
blueprint.add_url_rule("/provider/back", view_func=from_provider)


def packs() -> Cache[Hashable, Markup]:
    """Return the review packs that were rendered last, by what they are made from."""
    return cast(Cache[Hashable, Markup], current_app.extensions[PACKS])


def page_with_diagram(template: str, **values: Any) -> Response:
    """Return a page with a diagram as a response; it may run the script of the diagram."""
    response = page(template, **values)
    response.headers["Content-Security-Policy"] = POLICY_OF_DIAGRAMS
    return response


def page_with_keys(template: str, **values: Any) -> Response:
    """Return a page as a response; it may run the script that knows the keys of the queue."""
    response = page(template, **values)
    response.headers["Content-Security-Policy"] = POLICY_OF_KEYS
    return response


@blueprint.route("/assets/review.css")
def review_style() -> Response:
    """Return the stylesheet of review packs."""
    return Response(STYLE, mimetype="text/css")
