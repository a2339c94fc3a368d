"""The blueprint of sign-in: its frame, languages, sessions, and errors as pages. It has no page itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from babel.dates import format_date, format_time
from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for

from journeys.primitives.errors import CallerError
from journeys.primitives.locales import served_locale
from journeys.primitives.messages import SOURCE_LANGUAGE, package_translations
from service.access.caller import Caller
from service.access.passwords import digest_of
from service.access.tokens import OF_PATIENT
from service.http.context import service
from service.platform import errors
from service.platform.browser import BrowserCookie, proof_field, require_own_form, require_own_origin
from service.platform.configuration import Configuration
from service.platform.form_fields import require_fields
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.page_refusals import asset_of, minutes_to_wait, use_refusals
from service.platform.time_zones import zone_of
from service.sign_in.access import PAGES, Opener
from service.sign_in.devices import device_of
from service.sign_in.providers import PatientProvider, read_providers
from service.sign_in.sessions import Attempt, OpenedSession, SignedInPatient, resume_session

#: Extensions: the configuration, and the providers by key.
EXTENSION, PROVIDERS = "journeys-sign-in", "journeys-patient-providers"
FOLDER = Path(__file__).parent
COOKIE = BrowserCookie("journeys_patient")
#: On the two pages that ask the browser for a passkey, a script of this site runs.
POLICY_WITH_SCRIPT = policy_of_pages("script-src 'self'; style-src 'self'; img-src data:", form_action="self")
#: Nothing is loaded from other sites, no script runs, and forms are sent only to this site.
POLICY = policy_of_pages("style-src 'self'; img-src data:", form_action="self")
ASSETS = {"sign_in.css": "text/css", "passkey.js": "text/javascript"}
TEXTS = package_translations("service", "sign_in")
LANGUAGES = (SOURCE_LANGUAGE, *(name for name in TEXTS.by_language if name != SOURCE_LANGUAGE))
#: Sentences for the errors that these pages can have; others are "failed".
_KINDS: dict[type[CallerError], str] = {
    errors.NotFound: "unknown",
    errors.NotFromHere: "foreign",
    errors.TooOften: "often",
}

blueprint = Blueprint("sign_in", __name__, template_folder="templates")
# Browsers then send the origin of a form, which is checked; no address of these pages identifies a patient.
use_frame(blueprint, headers_of_pages(POLICY, referrer="same-origin"))


def install(app: Flask, config: Configuration) -> None:
    """Adds the pages to an application.

    Raises:
        ConfigurationError: the file of the providers is not acceptable.
    """
    app.extensions[EXTENSION] = config
    app.extensions[PROVIDERS] = read_providers(config.patient_providers)
    app.register_blueprint(blueprint)


def admit_page() -> None:
    """Admits a request for a page of sign-in; raises like `admit`."""
    admit(PAGES)


def admit(pages: Mapping[str, Opener]) -> None:
    """Reads the session, and checks who may open the page, and the origin of a form.

    Raises:
        NotFound: the page is not in the table of pages.
        NotSignedIn: the page needs a session.
        NotFromHere: the form was not given to this browser.
        Malformed, TooLarge: the fields are not those of a form of this service.
    """
    opener = pages.get(str(request.endpoint))
    _read_session()
    require_fields(request.args)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        require_fields(request.form)
        require_own_form(request, g.secret)
    if opener is None:
        raise errors.NotFound
    if opener == "patient" and g.patient is None:
        raise errors.NotSignedIn


def admit_call() -> Caller:
    """Reads the session for a route of the API that takes one instead of a token, and returns its caller.

    Raises:
        Unauthenticated: nobody is signed in in this browser.
        NotFromHere: a browser sends the request for another site.
    """
    _read_session()
    require_own_origin(request)
    if g.patient is None:
        raise errors.Unauthenticated("Sign in at /sign-in, and send the cookie of that session instead of a token.")
    return patient_caller()


def patient_caller() -> Caller:
    """The signed-in patient as a caller of use cases."""
    reference = patient().person.reference
    scopes = frozenset({"read", "report"})
    return Caller(patient().session.id, OF_PATIENT + reference, scopes, "patient", patient_ref=reference)


def _read_session() -> None:
    g.secret = COOKIE.read(request, https=is_https())
    g.patient = None
    if g.secret is not None:
        try:
            g.patient = resume_session(service(), g.secret)
        except errors.NotSignedIn:
            g.patient = None


def configuration() -> Configuration:
    """The configuration of this application."""
    return cast(Configuration, current_app.extensions[EXTENSION])


def providers() -> Mapping[str, PatientProvider]:
    """The providers with which patients sign in, by key."""
    return cast(Mapping[str, PatientProvider], current_app.extensions[PROVIDERS])


def is_https() -> bool:
    """Whether the browser reaches this site by https, as the configuration or a trusted proxy says."""
    return configuration().https or request.is_secure


def patient() -> SignedInPatient:
    """Who is signed in; a page or a route that needs a session is reached only with it."""
    return cast(SignedInPatient, g.patient)


def attempt() -> Attempt:
    """Who signs in, in this browser."""
    return Attempt(digest_of(g.secret or ""), device_of(request.headers.get("User-Agent", "")))


def locale_of_request() -> str:
    """The language of the signed-in patient; else that of the address, or the best of the browser's."""
    if g.get("patient") is not None:
        return served_locale(patient().person.language, LANGUAGES)
    chosen = request.args.get("language", "")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, SOURCE_LANGUAGE)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of sign-in as a response."""
    return drawn_page(
        f"sign_in/{template}.html", TEXTS.by_language, status, address=_address, time=day_and_time, **values
    )


def drawn_page(template: str, texts: Mapping[str, Mapping[str, str]], status: int = 200, **values: Any) -> Response:
    """A page as a response, in the language of who reads it. A browser without a cookie gets one, for its forms.

    Args:
        template: the name of its template, which extends `sign_in/base.html`.
        texts: the texts of its room by language.
        status: that of the response.
        values: what the template reads beside its texts.
    """
    is_new = g.get("secret") is None
    if is_new:
        g.secret = service().new_secret()  # no session: it only ties forms to the browser
    locale = locale_of_request()
    shown = render_template(
        template,
        locale=locale,
        texts=texts[locale],
        translations=texts,
        signed_in=g.get("patient"),
        proof=lambda: proof_field(g.secret),
        **values,
    )
    response = make_response(shown, status)
    if is_new:
        COOKIE.keep(response, g.secret, https=is_https())
    return response


def day_and_time(instant: datetime) -> str:
    """An instant by the patient's clock, in the patient's language."""
    zone, locale = patient().person.time_zone, locale_of_request()
    local = instant.astimezone(zone_of(zone) if zone is not None else UTC)
    text = f"{format_date(local, 'long', locale=locale)}, {format_time(local, 'short', locale=locale)}"
    return text if zone is not None else f"{text} UTC"


def to(view: str, **values: str) -> Response:
    """A redirect to another page, which the browser opens with GET."""
    response: Response = redirect(_address(view, **values), 303)  # type: ignore[assignment]
    return response


def let_in(opened: OpenedSession, done: str = "") -> Response:
    """The way to the account, with the new session in the cookie; `done` is what its page says."""
    response = to("account_page", **({"done": done} if done else {}))
    COOKIE.keep(response, opened.text, https=is_https())
    return response


def _address(view: str, **values: str) -> str:
    """The address of a page, in the language that the address of this page names."""
    if request.args.get("language") in LANGUAGES:
        values = {"language": request.args["language"], **values}
    return url_for(f"sign_in.{view}", **cast(dict[str, Any], values))


@blueprint.errorhandler(errors.NotSignedIn)
def not_signed_in(error: errors.NotSignedIn) -> Response:
    """The way to the page to sign in; what a form was to do is not done."""
    return to("sign_in_page", said="ended")


def refusal(status: int, error: CallerError | None) -> Response:
    """The page of a refusal, with the way to the account or to sign in."""
    kind = next((word for each, word in _KINDS.items() if isinstance(error, each)), None)
    words = kind or ("unknown" if status == 404 else "failed")
    return page("refused", status, kind=words, minutes=minutes_to_wait(error))


use_refusals(blueprint, refusal)


@blueprint.route("/sign-in/assets/<name>")
def asset(name: str) -> Response:
    """A stylesheet or a script."""
    return asset_of(FOLDER / "static", name, ASSETS)
