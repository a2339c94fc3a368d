"""The blueprint of the room: who may open what, the headers of every page, and mistakes as pages. It has no page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from journeys.primitives.errors import CallerError, Refused
from journeys.review import style
from service.access import accounts
from service.access.store.accounts import Session
from service.http.context import service
from service.platform import errors
from service.platform.configuration import Configuration
from service.platform.headers import HEADERS as OF_ALL
from service.platform.logs import log
from service.platform.problems import STATUS
from service.reviewer_ui import access, browser

NAME, AT = "room", "/room"
EXTENSION = "journeys-room"
REVIEW = "review.css"
FOLDER = Path(__file__).parent
#: Nothing from elsewhere, no script at all, and forms only to us.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    **OF_ALL,
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Without one, browsers would not say that a form is ours; no address in the room says anything of a patient.
    "Referrer-Policy": "same-origin",
}

#: What a page says first of some mistakes; the words of the interface are about tokens and enrollments.
HEADINGS: Mapping[type[CallerError], str] = {
    errors.Stale: "It has changed since you opened the page",
    errors.Forbidden: "You may not do this",
    Refused: "This was not done",
}

blueprint = Blueprint(NAME, __name__, url_prefix=AT, template_folder="templates")


def configuration() -> Configuration:
    """The configuration of this application."""
    return cast(Configuration, current_app.extensions[EXTENSION])


def session() -> Session:
    """Who is signed in; a view that is not for anybody is reached by them only."""
    return cast(Session, g.session)


def admit() -> None:
    """Finds out who is signed in, whether they may open this, and where a form comes from.

    Raises:
        NotSignedIn, Forbidden, NotFound, NotFromHere.
    """
    endpoint = str(request.endpoint)
    g.kept = browser.kept(request)
    g.session = None
    if access.ROUTES.get(endpoint) is not access.ANYBODY and g.kept is not None:
        try:
            g.session = accounts.resume(service(), g.kept)
        except errors.NotSignedIn:
            g.session = None
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        browser.require_own_form(request, g.kept)
    try:
        access.require(endpoint, g.session.account if g.session is not None else None)
    except errors.Forbidden:
        log().warning("refused", route=endpoint, account=g.session.account.id)
        raise


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the room."""
    known = g.get("session")
    text = g.get("kept")
    shown = render_template(
        f"room/{template}.html",
        person=known.account if known is not None else None,
        may=lambda name: known is not None and access.may(f"{NAME}.{name}", known.account),
        proof=lambda: _proof(text),
        **values,
    )
    return make_response(shown, status)


def _proof(text: str | None) -> Markup:
    """What every form carries to show that it is ours."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(browser.FIELD, browser.proof(text or ""))


def to(name: str, **values: Any) -> Response:
    """Sends the browser to another page of the room, by a GET."""
    return cast(Response, redirect(url_for(f"{NAME}.{name}", **values), 303))


@blueprint.after_request
def finish(response: Response) -> Response:
    """The headers of every answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@blueprint.errorhandler(errors.NotSignedIn)
def not_signed_in(error: errors.NotSignedIn) -> Response:
    """Who is not signed in goes to sign in; what they wrote in a form is shown, so that it is not lost."""
    if request.method in ("GET", "HEAD"):
        return to("sign_in_page", back=request.full_path.rstrip("?"))
    return page("ended", STATUS[error.code], written=_written())


@blueprint.errorhandler(CallerError)
def refused(error: CallerError) -> Response:
    """A mistake as a page that says what was not done."""
    heading = next((said for kind, said in HEADINGS.items() if isinstance(error, kind)), error.title)
    response = page("refused", STATUS[error.code], error=error, heading=heading, back=_back(), written=_written())
    if isinstance(error, errors.TooOften):
        response.headers["Retry-After"] = str(error.wait)
    return response


@blueprint.errorhandler(HTTPException)
def wrong(error: HTTPException) -> Response:
    """What the framework finds wrong, as a page."""
    status = error.code or 500
    ours: CallerError = errors.NotFound() if status == 404 else errors.NotDone()
    if error.response is not None:
        return cast(Response, error.response)
    return page("refused", status, error=ours, heading=ours.title, back=_back(), written=_written())


def _back() -> str:
    """The page that a form was on, as far as its address says it."""
    named = dict(request.view_args or {})
    if "version" in named:
        return url_for(f"{NAME}.piece", **{name: named[name] for name in ("journey", "number", "key", "version")})
    if "number" in named:
        return url_for(f"{NAME}.release", journey=named["journey"], number=named["number"])
    return url_for(f"{NAME}.start")


def _written() -> list[str]:
    """The longer texts of a form, to be copied."""
    return [text for name in ("text", "comment") for text in request.form.getlist(name) if text.strip()]


@blueprint.route("/<path:rest>")
def nothing(rest: str) -> Response:
    """What does not exist."""
    raise errors.NotFound


@blueprint.route("/assets/<name>")
def asset(name: str) -> Response:
    """A stylesheet or a picture of the room."""
    kinds = {".css": "text/css", ".svg": "image/svg+xml"}
    if name == REVIEW:
        return Response(style(), mimetype="text/css")
    files = {file.name: file for file in (FOLDER / "static").iterdir() if file.suffix in kinds}
    if name not in files:
        raise errors.NotFound
    return Response(files[name].read_bytes(), mimetype=kinds[files[name].suffix])
