"""The blueprint of the reviewers' pages: access, headers, and errors as pages. It has no page itself."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from journeys.primitives.errors import CallerError, Refused
from journeys.review import STYLE
from service.access import accounts
from service.access.store.accounts import Session
from service.http.context import service
from service.platform import errors
from service.platform.cache import Cache
from service.platform.configuration import Configuration
from service.platform.form_fields import require_fields, storable
from service.platform.logs import log
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.problems import STATUS
from service.reviewer_ui import access, browser

NAME, AT = "room", "/room"
#: Extensions: the configuration, and the cache of rendered review packs, of which each is large.
EXTENSION, PACKS = "journeys-room", "journeys-room-packs"
REVIEW = "review.css"
FOLDER = Path(__file__).parent
#: Nothing is loaded from other sites, no script runs, and forms are sent only to this site.
POLICY = policy_of_pages("style-src 'self'; img-src 'self' data:", form_action="self")
#: Pages with a diagram run the script of this site that moves and folds it; no password is entered on them.
POLICY_OF_DIAGRAMS = policy_of_pages(
    "script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'", form_action="self"
)
#: Pages of the queue run the script of this site that knows its keys; no password is entered on them.
POLICY_OF_KEYS = policy_of_pages("script-src 'self'; style-src 'self'; img-src 'self' data:", form_action="self")

#: The headings of some errors; the titles of the errors are written for the API, about tokens and enrollments.
HEADINGS: Mapping[type[CallerError], str] = {
    errors.Stale: "This has changed since you opened the page",
    errors.Forbidden: "You may not do this",
    Refused: "Your request was refused",
}

blueprint = Blueprint(NAME, __name__, url_prefix=AT, template_folder="templates")
# Browsers then send the origin of a form, which is checked; no address of these pages identifies a patient.
use_frame(blueprint, headers_of_pages(POLICY, referrer="same-origin"))


def configuration() -> Configuration:
    """Return the configuration of this application."""
    return cast(Configuration, current_app.extensions[EXTENSION])


def is_https() -> bool:
    """Return whether the browser reaches this site by https, as the configuration or a trusted proxy says."""
    return configuration().https or request.is_secure


def packs() -> Cache[Hashable, Markup]:
    """Return the review packs that were rendered last, by what they are made from."""
    return cast(Cache[Hashable, Markup], current_app.extensions[PACKS])


def session() -> Session:
    """Return the session; a route that needs one is reached only with it."""
    return cast(Session, g.session)


def admit() -> None:
    """Read the session, and check the access to the route and the origin of a form.

    Raises:
        NotSignedIn: the route needs a session.
        Forbidden: the route is for other roles.
        NotFound: the route is unknown.
        NotFromHere: the form was not given to this browser.
        Malformed, TooLarge: the fields are not those of a form of this service.
    """
    endpoint = str(request.endpoint)
    g.secret = browser.read_secret(request, https=is_https())
    g.session = None
    if access.ROUTES.get(endpoint) is not access.ANYBODY and g.secret is not None:
        try:
            g.session = accounts.resume(service(), g.secret)
        except errors.NotSignedIn:
            g.session = None
    require_fields(request.args)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        require_fields(request.form)
        browser.require_own_form(request, g.secret)
    try:
        access.require(endpoint, g.session.account if g.session is not None else None)
    except errors.Forbidden:
        log().warning("refused", route=endpoint, account=g.session.account.id)
        raise


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page as a response."""
    current_session = g.get("session")
    text = g.get("secret")
    shown = render_template(
        f"room/{template}.html",
        person=current_session.account if current_session is not None else None,
        may=lambda name: current_session is not None and access.may(f"{NAME}.{name}", current_session.account),
        proof=lambda: _proof(text),
        **values,
    )
    return make_response(shown, status)


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


def _proof(text: str | None) -> Markup:
    """Return the hidden field that proves the origin of a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(browser.FIELD, browser.proof(text or ""))


def to(name: str, **values: Any) -> Response:
    """Return a redirect to another page, which the browser opens with GET."""
    return cast(Response, redirect(url_for(f"{NAME}.{name}", **values), 303))


def own_address(address: str) -> str:
    """Return an address of these pages, or the start page in place of any other address."""
    is_ours = address.startswith(f"{AT}/") and address.isprintable() and "\\" not in address and "//" not in address
    return address if is_ours and not address.startswith(f"{AT}/sign") else url_for(f"{NAME}.start")


@blueprint.errorhandler(errors.NotSignedIn)
def not_signed_in(error: errors.NotSignedIn) -> Response:
    """Send the browser to sign in; a text from a form is shown, so that it is not lost."""
    if request.method in ("GET", "HEAD"):
        return to("sign_in_page", back=request.full_path.rstrip("?"))
    return page("ended", STATUS[error.code], written=_written())


@blueprint.errorhandler(CallerError)
def refused(error: CallerError) -> Response:
    """Return an error as a page."""
    heading = next(
        (heading_of_kind for kind, heading_of_kind in HEADINGS.items() if isinstance(error, kind)), error.title
    )
    is_missing = isinstance(error, errors.NotFound) and request.method == "GET"
    back = url_for(f"{NAME}.start") if is_missing else _back()
    response = page("refused", STATUS[error.code], error=error, heading=heading, back=back, written=_written())
    if isinstance(error, errors.TooOften):
        response.headers["Retry-After"] = str(error.wait)
    return response


@blueprint.errorhandler(HTTPException)
def wrong(error: HTTPException) -> Response:
    """Return an error of the framework as a page."""
    status = error.code or 500
    kinds: dict[int, CallerError] = {404: errors.NotFound(), 413: errors.TooLarge()}
    ours = kinds.get(status, errors.NotDone())
    if error.response is not None:
        return cast(Response, error.response)
    return page("refused", status, error=ours, heading=ours.title, back=_back(), written=_written())


def _back() -> str:
    """Return the address of the page that a form was on, as far as the route tells."""
    arguments = dict(request.view_args or {})
    if "version" in arguments:
        return url_for(f"{NAME}.piece", **{name: arguments[name] for name in ("journey", "number", "key", "version")})
    if "kind" in arguments:
        return url_for(f"{NAME}.queued_item", **arguments)
    if "number" in arguments:
        return url_for(f"{NAME}.release", journey=arguments["journey"], number=arguments["number"])
    return url_for(f"{NAME}.start")


def _written() -> list[str]:
    """Return the longer texts of a form, to copy them; none of a form that was too large to be read."""
    try:
        form = request.form
    except HTTPException:
        return []
    return [storable(text) for name in ("text", "comment") for text in form.getlist(name) if text.strip()]


@blueprint.route("/<path:rest>")
def nothing(rest: str) -> Response:
    """Refuse an unknown address."""
    raise errors.NotFound


@blueprint.route("/assets/<name>")
def asset(name: str) -> Response:
    """Return a stylesheet, an icon or a script."""
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    if name == REVIEW:
        return Response(STYLE, mimetype="text/css")
    files = {file.name: file for file in (FOLDER / "static").iterdir() if file.suffix in kinds}
    if name not in files:
        raise errors.NotFound
    return Response(files[name].read_bytes(), mimetype=kinds[files[name].suffix])
