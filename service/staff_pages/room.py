"""A room of staff: its blueprint with access, headers, and errors as pages. It has no page of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from journeys.primitives.errors import CallerError, Refused
from service.access import accounts
from service.access.store.accounts import Account, KeptForm, Session
from service.http.context import service
from service.platform import browser, errors
from service.platform.browser import BrowserCookie, proof_field
from service.platform.configuration import Configuration
from service.platform.form_fields import require_fields, storable
from service.platform.logs import log
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.problems import STATUS
from service.staff_pages import access
from service.staff_pages.access import Routes

#: Extensions: the configuration, and the rooms by name.
EXTENSION, ROOMS = "journeys-staff-pages", "journeys-staff-rooms"
FOLDER = Path(__file__).parent
#: The cookie of a browser of staff.
COOKIE = BrowserCookie("journeys_staff")
#: Nothing is loaded from other sites, no script runs, and forms are sent only to this site.
POLICY = policy_of_pages("style-src 'self'; img-src 'self' data:", form_action="self")
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

#: The headings of some errors; the titles of the errors are written for the API, about tokens and enrollments.
HEADINGS: Mapping[type[CallerError], str] = {
    errors.Stale: "This has changed since you opened the page",
    errors.Conflict: "This was done before, in another way",
    errors.Forbidden: "You may not do this",
    Refused: "Your request was refused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room.

    Attributes:
        name: names its blueprint and the folder of its templates.
        address: the beginning of its addresses; its view `start` is there.
        title: the name of the room, at the top of every page.
        audience: a sentence on the page to sign in: for whom it is.
        home: the words of the link to the start.
        parts: the words of the navigation by view.
        styles: the names of its stylesheets, besides that of every room.
        folder: has its folders `templates` and `static`.
        routes: the roles by endpoint.
        page_of_form: returns the address of the page that a form of the current request was on.
        keeps: the views whose forms are kept where the session has ended, and shown again after signing in.
        shared: further folders, each with a folder `static` whose files are served too.
    """

    name: str
    address: str
    title: str
    audience: str
    home: str
    parts: Mapping[str, str]
    styles: Sequence[str]
    folder: Path
    routes: Routes
    page_of_form: Callable[[], str]
    keeps: frozenset[str] = frozenset()
    shared: Sequence[Path] = ()
    blueprint: Blueprint = field(init=False)

    def __post_init__(self) -> None:
        blueprint = Blueprint(
            self.name, __name__, url_prefix=self.address, template_folder=str(self.folder / "templates")
        )
        # Browsers then send the origin of a form, which is checked; no address of these pages identifies a patient.
        use_frame(blueprint, headers_of_pages(POLICY, referrer="same-origin"))
        blueprint.register_blueprint(Blueprint("staff", __name__, template_folder="templates"))
        blueprint.register_error_handler(errors.NotSignedIn, self._not_signed_in)
        blueprint.register_error_handler(CallerError, self._refused)
        blueprint.register_error_handler(HTTPException, self._wrong)
        blueprint.add_url_rule("/<path:rest>", "nothing", _nothing)
        blueprint.add_url_rule("/assets/<name>", "asset", self._asset)
        object.__setattr__(self, "blueprint", blueprint)

    def may(self, view: str, account: Account) -> bool:
        """Return whether an account may open a view."""
        return access.may(self.routes, f"{self.name}.{view}", account)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page of this room as a response."""
        return self.common_page(f"{self.name}/{template}", status, **values)

    def common_page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page from a template of any folder, in the frame of this room."""
        current_session = g.get("session")
        person = current_session.account if current_session is not None else None
        shown = render_template(
            f"{template}.html",
            room=self,
            other_rooms=[room for room in _rooms() if room is not self and person and room.may("start", person)],
            person=person,
            may=lambda name: person is not None and self.may(name, person),
            proof=lambda: proof_field(g.get("secret")),
            **values,
        )
        return make_response(shown, status)

    def to(self, view: str, **values: Any) -> Response:
        """Return a redirect to another page of this room, which the browser opens with GET."""
        return cast(Response, redirect(url_for(f"{self.name}.{view}", **values), 303))

    def admit(self) -> None:
        """Read the session, and check the access to the route and the origin of a form.

        Raises:
            NotSignedIn: the route needs a session.
            Forbidden: the route is for other roles.
            NotFound: the route is unknown.
            NotFromHere: the form was not given to this browser.
            Malformed, TooLarge: the fields are not those of a form of this service.
        """
        endpoint = str(request.endpoint)
        g.secret = COOKIE.read(request, https=is_https())
        g.session = None
        if self.routes.get(endpoint) is not access.ANYBODY and g.secret is not None:
            try:
                g.session = accounts.resume(service(), g.secret)
            except errors.NotSignedIn:
                g.session = None
        require_fields(request.args)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            require_fields(request.form)
            browser.require_own_form(request, g.secret)
        try:
            access.require(self.routes, endpoint, g.session.account if g.session is not None else None)
        except errors.Forbidden:
            log().warning("refused", route=endpoint, account=g.session.account.id)
            raise

    def _not_signed_in(self, error: errors.NotSignedIn) -> Response:
        """Send the browser to sign in; a form is kept, or its text is shown, so that it is not lost."""
        if request.method in ("GET", "HEAD"):
            return self.to("sign_in_page", back=request.full_path.rstrip("?"))
        back, is_kept = self.page_of_form(), self._keep_form()
        written = [] if is_kept else _written()
        return self.common_page("staff/ended", STATUS[error.code], back=back, written=written, is_kept=is_kept)

    def _keep_form(self) -> bool:
        """Keep the form of this request where the room keeps it; it was checked to come from this site."""
        if str(request.endpoint).partition(".")[2] not in self.keeps:
            return False
        fields = {name: request.form.getlist(name) for name in request.form if name != browser.FIELD}
        return accounts.keep_form(service(), g.secret or "", KeptForm(self.page_of_form(), fields))

    def _refused(self, error: CallerError) -> Response:
        """Return an error as a page."""
        heading = next(
            (heading_of_kind for kind, heading_of_kind in HEADINGS.items() if isinstance(error, kind)), error.title
        )
        response = self._error_page(error, STATUS[error.code], heading)
        if isinstance(error, errors.TooOften):
            response.headers["Retry-After"] = str(error.wait)
        return response

    def _wrong(self, error: HTTPException) -> Response:
        """Return an error of the framework as a page."""
        status = error.code or 500
        kinds: dict[int, CallerError] = {404: errors.NotFound(), 413: errors.TooLarge()}
        ours = kinds.get(status, errors.NotDone())
        if error.response is not None:
            return cast(Response, error.response)
        return self._error_page(ours, status, ours.title)

    def _error_page(self, error: CallerError, status: int, heading: str) -> Response:
        current_session = g.get("session")
        home = _home_room(current_session.account) if current_session is not None else self
        start = url_for(f"{home.name}.start")
        is_missing = isinstance(error, errors.NotFound) and request.method == "GET"
        back = start if is_missing or home is not self else self.page_of_form()
        label = home.home if back == start else "Back to the page"
        return self.common_page(
            "staff/refused", status, error=error, heading=heading, back=back, label=label, written=_written()
        )

    def _asset(self, name: str) -> Response:
        """Return a stylesheet, an icon or a script."""
        folders = (self.folder, FOLDER, *self.shared)
        files = {
            file.name: file for folder in folders for file in (folder / "static").iterdir() if file.suffix in KINDS
        }
        if name not in files:
            raise errors.NotFound
        return Response(files[name].read_bytes(), mimetype=KINDS[files[name].suffix])


def install(app: Flask, config: Configuration, rooms: Sequence[Room]) -> None:
    """Add rooms to an application."""
    app.extensions[EXTENSION] = config
    app.extensions[ROOMS] = {room.name: room for room in rooms}
    for room in rooms:
        app.register_blueprint(room.blueprint)


def room_of(name: str | None) -> Room | None:
    """Return the room with a blueprint of this name, or None."""
    rooms: Mapping[str, Room] = current_app.extensions[ROOMS]
    return rooms.get(name or "")


def current_room() -> Room:
    """Return the room of this request."""
    room = room_of(request.blueprint)
    assert room is not None, "the request is for no room"
    return room


def own_address(address: str) -> str:
    """Return an address of a room, or nothing in place of any other address."""
    room = next((room for room in _rooms() if address.startswith(f"{room.address}/")), None)
    is_plain = address.isprintable() and "\\" not in address and "//" not in address
    return address if room is not None and is_plain and not address.startswith(f"{room.address}/sign") else ""


def home_of(account: Account) -> str:
    """Return the address at which an account starts."""
    return url_for(f"{_home_room(account).name}.start")


def configuration() -> Configuration:
    """Return the configuration of this application."""
    return cast(Configuration, current_app.extensions[EXTENSION])


def is_https() -> bool:
    """Return whether the browser reaches this site by https, as the configuration or a trusted proxy says."""
    return configuration().https or request.is_secure


def session() -> Session:
    """Return the session; a route that needs one is reached only with it."""
    return cast(Session, g.session)


def _home_room(account: Account) -> Room:
    """Return this room, or the first that an account may enter."""
    rooms = [current_room(), *_rooms()]
    return next((room for room in rooms if room.may("start", account)), rooms[0])


def _rooms() -> Sequence[Room]:
    return list(current_app.extensions[ROOMS].values())


def _written() -> list[str]:
    """Return the longer texts of a form, to copy them; none of a form that was too large to be read."""
    try:
        form = request.form
    except HTTPException:
        return []
    return [storable(text) for name in ("text", "comment") for text in form.getlist(name) if text.strip()]


def _nothing(rest: str) -> Response:
    """Refuse an unknown address."""
    raise errors.NotFound
