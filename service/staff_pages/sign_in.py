"""Pages to sign in and out, with a password or the organisation's provider, and to change a password.

Every room has them; a session is valid in all rooms that the account may enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, g, redirect, request, url_for

from journeys.primitives.errors import Refused
from service.access import accounts
from service.access.accounts import SignedIn
from service.access.provider import Provider
from service.http.context import service
from service.platform import errors
from service.platform.problems import STATUS
from service.staff_pages.room import COOKIE, Room, configuration, current_room, home_of, is_https, own_address, session

NOTICES = {
    "out": "You are signed out.",
    "failed": "The provider did not recognise you. Nothing was changed; try again.",
    "unknown": "The provider recognised you, but you have no account here. An administrator can add one.",
    "password": "Your password was changed. Sign in with the new one.",  # nosec B105 # a sentence
}
#: The provider knows one address to which it sends browsers back, from whichever room they come.
PROVIDER_RETURN = "room.from_provider"


def add_sign_in(room: Room) -> None:
    """Add the views of this module to a room, except the return from the provider, which one room has."""
    for address, view in (
        ("/sign-in", sign_in_page),
        ("/password", password_page),
        ("/provider", to_provider),
    ):
        room.blueprint.add_url_rule(address, view_func=view)
    for address, view in (
        ("/sign-in", sign_in),
        ("/sign-out", sign_out),
        ("/code", make_code),
        ("/password", change_password),
    ):
        room.blueprint.add_url_rule(address, view_func=view, methods=["POST"])


def sign_in_page() -> Response:
    """Return the page to sign in."""
    return _sign_in_page(own_address(request.args.get("back", "")), notice=NOTICES.get(request.args.get("said", "")))


def sign_in() -> Response:
    """Sign in with a name and a password."""
    back = own_address(request.form.get("back", ""))
    name = request.form.get("name", "").strip().lower()
    try:
        signed_in = accounts.sign_in(service(), name, request.form.get("password", ""), g.secret)
    except (errors.WrongPassword, errors.TooOften) as error:
        response = _sign_in_page(back, problem=error.detail, status=STATUS[error.code])
        if isinstance(error, errors.TooOften):
            response.headers["Retry-After"] = str(error.wait)
        return response
    return _let_in(signed_in, back)


def sign_out() -> Response:
    """Sign out."""
    accounts.sign_out(service(), session())
    response = current_room().to("sign_in_page", said="out")
    COOKIE.forget(response, https=is_https())
    return response


def password_page() -> Response:
    """Return the page to change one's password."""
    return _account_page()


def make_code() -> Response:
    """Make a code for one command, for an account without a password; the page shows it once."""
    accounts.identify(service(), session(), request.form.get("name", ""), request.form.get("password", ""))
    return _account_page(code=accounts.make_code(service(), session()))


def change_password() -> Response:
    """Change one's password, and sign out everywhere."""
    form = request.form
    try:
        if form.get("new", "") != form.get("again", ""):
            raise Refused({"again": ["The two new passwords differ."]})
        accounts.change_password(service(), session(), form.get("old", ""), form.get("new", ""))
    except Refused as refused:
        return _account_page(STATUS[refused.code], problems=refused.fields)
    except errors.WrongPassword as wrong:
        return _account_page(STATUS[wrong.code], problems={"old": ["This is not your current password."]})
    response = current_room().to("sign_in_page", said="password")
    COOKIE.forget(response, https=is_https())
    return response


def to_provider() -> Response:
    """Send the browser to the provider: to sign in, or with `anew` to confirm the identity before a signature."""
    provider = Provider.of(configuration())
    if provider is None:
        raise errors.NotFound
    text = g.secret or service().new_secret()
    anew = "anew" in request.args
    try:
        begun = provider.begin(service().new_secret, _provider_return_address(), anew=anew)
    except errors.ProviderFailed:
        return current_room().to("sign_in_page", said="failed")
    secrets = {**begun.secrets, "anew": "yes" if anew else ""}
    accounts.leave(service(), text, secrets, own_address(request.args.get("back", "")))
    response: Response = redirect(begun.address, 303)  # type: ignore[assignment]
    COOKIE.keep(response, text, https=is_https())
    return response


def from_provider() -> Response:
    """Complete the sign-in when the provider sends the browser back."""
    provider = Provider.of(configuration())
    if provider is None:
        raise errors.NotFound
    try:
        arrival = accounts.arrive(service(), g.secret or "")
        anew = bool(arrival.secrets["anew"])
        since = arrival.created_at if anew else None
        address = f"{_provider_return_address()}?{request.query_string.decode(errors='replace')}"
        subject = provider.finish(arrival.secrets, address, since=since, now=service().clock()).subject
        if anew:
            resumed = accounts.resume(service(), g.secret or "")
            accounts.confirm(service(), resumed, subject)
            return _see(arrival.back or home_of(resumed.account))
        return _let_in(accounts.sign_in_as(service(), subject, g.secret), arrival.back)
    except errors.NoAccount:
        return current_room().to("sign_in_page", said="unknown")
    except (errors.ProviderFailed, errors.NotSignedIn):
        return current_room().to("sign_in_page", said="failed")


def _account_page(
    status: int = 200, *, problems: Mapping[str, Sequence[str]] | None = None, code: str | None = None
) -> Response:
    is_confirmed = accounts.is_confirmed(service(), session())
    minutes = accounts.CODE_LIFETIME.seconds // 60
    values = {"problems": problems or {}, "code": code, "minutes": minutes}
    return current_room().common_page("staff/password", status, signing=session(), is_confirmed=is_confirmed, **values)


def _sign_in_page(back: str, *, notice: str | None = None, problem: str | None = None, status: int = 200) -> Response:
    is_new = g.secret is None
    if is_new:
        g.secret = service().new_secret()  # no session: it only ties the form to the browser
    has_provider = Provider.of(configuration()) is not None
    values = {"back": back, "said": notice, "problem": problem, "provider": has_provider}
    response = current_room().common_page("staff/sign_in", status, **values)
    if is_new:
        COOKIE.keep(response, g.secret, https=is_https())
    return response


def _let_in(signed_in: SignedIn, back: str) -> Response:
    response = _see(back or home_of(signed_in.session.account))
    COOKIE.keep(response, signed_in.text, https=is_https())
    return response


def _see(back: str) -> Response:
    response: Response = redirect(back, 303)  # type: ignore[assignment]
    return response


def _provider_return_address() -> str:
    scheme = "https" if is_https() else request.scheme
    return url_for(PROVIDER_RETURN, _external=True, _scheme=scheme)
