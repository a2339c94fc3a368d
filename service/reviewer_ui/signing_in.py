"""Pages to sign in and out, by password or with the organisation's provider, and to change a password."""

from __future__ import annotations

from flask import Response, g, redirect, request, url_for

from journeys.primitives.errors import Refused
from service.access import accounts
from service.access.accounts import SignedIn
from service.http.context import service
from service.platform import errors
from service.platform.problems import STATUS
from service.reviewer_ui import browser
from service.reviewer_ui.blueprint import AT, NAME, blueprint, configuration, page, session, to
from service.reviewer_ui.provider import Provider

SAID = {
    "out": "You are signed out.",
    "failed": "The provider did not recognise you. Nothing was changed; try again.",
    "unknown": "You were recognised, and have no account here. An administrator can add one.",
    "password": "Your password is changed. Sign in with the new one.",
}


@blueprint.route("/sign-in")
def sign_in_page() -> Response:
    """The page to sign in."""
    return _sign_in_page(_back(request.args.get("back", "")), said=SAID.get(request.args.get("said", "")))


@blueprint.route("/sign-in", methods=["POST"])
def sign_in() -> Response:
    """Signs in by name and password."""
    back = _back(request.form.get("back", ""))
    name = request.form.get("name", "").strip().lower()
    try:
        signed_in = accounts.sign_in(service(), name, request.form.get("password", ""))
    except (errors.WrongPassword, errors.SignInTooOften) as error:
        response = _sign_in_page(back, problem=error.detail, status=STATUS[error.code])
        if isinstance(error, errors.SignInTooOften):
            response.headers["Retry-After"] = str(error.wait)
        return response
    return _let_in(signed_in, back)


@blueprint.route("/sign-out", methods=["POST"])
def sign_out() -> Response:
    """Signs out."""
    accounts.sign_out(service(), session())
    response = to("sign_in_page", said="out")
    browser.forget(response, https=configuration().https)
    return response


@blueprint.route("/password")
def password_page() -> Response:
    """The page to change one's password."""
    return page("password", problems={})


@blueprint.route("/password", methods=["POST"])
def change_password() -> Response:
    """Changes one's password, and signs out everywhere."""
    form = request.form
    try:
        if form.get("new", "") != form.get("again", ""):
            raise Refused({"again": [errors.NOT_THE_SAME]})
        accounts.change_password(service(), session(), form.get("old", ""), form.get("new", ""))
    except Refused as refused:
        return page("password", STATUS[refused.code], problems=refused.fields)
    except errors.WrongPassword as wrong:
        return page("password", STATUS[wrong.code], problems={"old": [errors.OLD_IS_WRONG]})
    response = to("sign_in_page", said="password")
    browser.forget(response, https=configuration().https)
    return response


@blueprint.route("/provider")
def to_provider() -> Response:
    """Sends the browser to the provider: to sign in, or `anew`, to confirm who is signed in before a signature."""
    known = Provider.of(configuration())
    if known is None:
        raise errors.NotFound
    text = g.kept or service().new_secret()
    anew = "anew" in request.args
    try:
        begun = known.begin(service().new_secret, _here(), anew=anew)
    except errors.ProviderFailed:
        return to("sign_in_page", said="failed")
    secrets = {**begun.secrets, "anew": "yes" if anew else ""}
    accounts.leave(service(), text, secrets, _back(request.args.get("back", "")))
    response: Response = redirect(begun.address, 303)  # type: ignore[assignment]
    browser.keep(response, text, https=configuration().https)
    return response


@blueprint.route("/provider/back")
def from_provider() -> Response:
    """Where the provider sends the browser back to."""
    known = Provider.of(configuration())
    if known is None:
        raise errors.NotFound
    try:
        arrival = accounts.arrive(service(), g.kept or "")
        anew = bool(arrival.secrets["anew"])
        since = arrival.created_at if anew else None
        address = f"{_here()}?{request.query_string.decode(errors='replace')}"
        subject = known.finish(arrival.secrets, address, since=since, now=service().clock())
        if anew:
            accounts.confirm(service(), accounts.resume(service(), g.kept or ""), subject)
            return _see(arrival.back)
        return _let_in(accounts.sign_in_as(service(), subject), arrival.back)
    except errors.NoAccount:
        return to("sign_in_page", said="unknown")
    except (errors.ProviderFailed, errors.NotSignedIn):
        return to("sign_in_page", said="failed")


def _sign_in_page(back: str, *, said: str | None = None, problem: str | None = None, status: int = 200) -> Response:
    if g.kept is None:
        g.kept = service().new_secret()  # of nobody: it only ties the form to the browser
        response = page("sign_in", status, back=back, said=said, problem=problem, provider=_has_provider())
        browser.keep(response, g.kept, https=configuration().https)
        return response
    return page("sign_in", status, back=back, said=said, problem=problem, provider=_has_provider())


def _let_in(signed_in: SignedIn, back: str) -> Response:
    response = _see(back)
    browser.keep(response, signed_in.text, https=configuration().https)
    return response


def _see(back: str) -> Response:
    response: Response = redirect(back, 303)  # type: ignore[assignment]
    return response


def _has_provider() -> bool:
    return Provider.of(configuration()) is not None


def _back(wanted: str) -> str:
    """Where to go on: a page of the room, nowhere else."""
    is_ours = wanted.startswith(f"{AT}/") and wanted.isprintable() and "\\" not in wanted and "//" not in wanted
    return wanted if is_ours and not wanted.startswith(f"{AT}/sign") else url_for(f"{NAME}.start")


def _here() -> str:
    scheme = "https" if configuration().https else request.scheme
    return url_for(f"{NAME}.from_provider", _external=True, _scheme=scheme)
