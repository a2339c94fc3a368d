"""The blueprint of registration: its frame, languages, cookie, and errors as pages. It has no page itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from babel import Locale
from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for

from journeys.definition.registration import Style
from journeys.primitives.errors import CallerError
from journeys.primitives.locales import served_locale
from journeys.primitives.messages import SOURCE_LANGUAGE, Messages, package_translations
from journeys.registration import Offer
from service.access.passwords import digest_of
from service.http.context import service
from service.outreach.outbox import Outbox
from service.permission.texts import ServedConsent
from service.platform import errors
from service.platform.browser import BrowserCookie, proof_field, purposes_refused, require_own_form
from service.platform.buckets import Buckets
from service.platform.clock import monotonic
from service.platform.configuration import Configuration
from service.platform.form_fields import require_fields
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.page_refusals import asset_of, minutes_to_wait, use_refusals
from service.registration.drafts import Draft, read_draft
from service.registration.letters import DirectSender
from service.registration.offers import JoinOffer, choices, consents_of, find_offer, zones
from service.sign_in.devices import device_of
from service.sign_in.sessions import Attempt

EXTENSION = "journeys-registration"
FOLDER = Path(__file__).parent
COOKIE = BrowserCookie("journeys_registration")
ASSETS = {"registration.css": "text/css", "zone.js": "text/javascript"}
TEXTS = package_translations("service", "registration")
LANGUAGES = (SOURCE_LANGUAGE, *(name for name in TEXTS.by_language if name != SOURCE_LANGUAGE))
#: One script of this site guesses the time zone; nothing is loaded from other sites.
POLICY = policy_of_pages("script-src 'self'; style-src 'self'; img-src data:", form_action="self")
TOO_MANY = "Too many registrations are begun from this network address. Try again later."
_KINDS: dict[type[CallerError], str] = {
    errors.NotFound: "unknown",
    errors.NotFromHere: "foreign",
    errors.TooOften: "often",
    errors.Unavailable: "not_sent",
}

blueprint = Blueprint("registration", __name__, template_folder="templates")
use_frame(blueprint, headers_of_pages(POLICY, referrer="same-origin"))


@dataclass(frozen=True)
class Joining:
    """What registration needs of its process."""

    config: Configuration
    sender: DirectSender
    beginnings: Buckets

    @cached_property
    def zones(self) -> list[str]:
        """The time zones that are offered, read once."""
        return zones()


def install(app: Flask, config: Configuration, outbox: Outbox) -> None:
    """Adds the pages to an application; `outbox` has the channels by which codes and links leave at once."""
    app.extensions[EXTENSION] = Joining(config, DirectSender(outbox), Buckets(monotonic))
    app.register_blueprint(blueprint)


def send_by(app: Flask, outbox: Outbox) -> None:
    """Lets the codes and links of an application leave by the channels of another outbox from now on."""
    app.extensions[EXTENSION] = replace(cast(Joining, app.extensions[EXTENSION]), sender=DirectSender(outbox))


def joining() -> Joining:
    """What registration needs of this process."""
    return cast(Joining, current_app.extensions[EXTENSION])


def admit_page() -> None:
    """Reads the cookie and the draft, and checks the origin of a form.

    Raises:
        NotFound: nobody can register for this programme now.
        NotFromHere: the form was not given to this browser.
        Malformed, TooLarge: the fields are not those of a form of this service.
    """
    g.secret = COOKIE.read(request, https=is_https())
    g.draft = None
    require_fields(request.args)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        require_fields(request.form)
        require_own_form(request, g.secret)
    programme = (request.view_args or {}).get("programme")
    if programme is None:
        return
    g.offer = find_offer(service(), programme)
    if not joining().sender.channels.intersection(g.offer.registration.channels):
        raise errors.NotFound  # no code can be sent
    draft = read_draft(service(), g.secret) if g.secret is not None else None
    if draft is not None and draft.programme == programme:
        g.draft = draft  # the language of the consent texts depends on it
        g.draft = replace(draft, answers=_in_force(draft))


def _in_force(kept: Draft) -> dict[str, Any]:
    """The answers of a draft without those to consent texts that have another version now."""
    versions = {f"permission-{text.key}": text.version for text in consents()}
    return {
        name: answer
        for name, answer in kept.answers.items()
        if not isinstance(answer, dict) or answer["version"] == versions.get(name)
    }


def take_beginning() -> None:
    """Counts a registration that is begun from this network address, which is not stored.

    Raises:
        TooOften: there are too many.
    """
    rate = joining().config.registrations_per_minute
    wait = joining().beginnings.take(request.remote_addr, rate) if rate else 0
    if wait:
        raise errors.TooOften(wait, TOO_MANY)


def is_https() -> bool:
    """Whether the browser reaches this site by https, as the configuration or a trusted proxy says."""
    return joining().config.https or request.is_secure


def offer() -> JoinOffer:
    """The registration of this page."""
    return cast(JoinOffer, g.offer)


def draft() -> Draft | None:
    """The draft of this browser, finished or not."""
    return cast(Draft | None, g.draft)


def attempt() -> Attempt:
    """Who registers, in this browser."""
    return Attempt(digest_of(g.secret or ""), device_of(request.headers.get("User-Agent", "")))


def locale() -> str:
    """The language of the page: as the address says, or the draft, or the browser."""
    offered = offer().locales
    chosen = request.args.get("language", "")
    if chosen in offered:
        return chosen
    if draft() is not None:
        return served_locale(g.draft.language, offered)
    return request.accept_languages.best_match(offered, offered[0])


def style() -> Style:
    """The style of the page: of the draft; before there is one, as the address says, or else the first."""
    if draft() is not None:
        return cast(Style, g.draft.style)
    chosen = request.args.get("style", "")
    styles = offer().registration.styles
    return next((each for each in styles if each == chosen), styles[0])


def words(language: str) -> Messages:
    """The texts of the pages in the language that serves a locale best."""
    return TEXTS.by_language[served_locale(language, LANGUAGES)]


def consents() -> list[ServedConsent]:
    """The consent texts, in the language of the page; read once for a request."""
    if "consents" not in g:
        g.consents = consents_of(service(), offer(), locale())
    return cast(list[ServedConsent], g.consents)


def chosen_from() -> Offer:
    """What can be chosen on this page."""
    return choices(offer(), consents(), joining().sender.channels, joining().zones, purposes_refused(request))


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page as a response. A browser without a cookie gets one, for its forms and its draft."""
    is_new = g.get("secret") is None
    if is_new:
        g.secret = service().new_secret()
    has_offer = "offer" in g
    language = locale() if has_offer else request.accept_languages.best_match(LANGUAGES, SOURCE_LANGUAGE)
    offered = offer().locales if has_offer else LANGUAGES
    shown = render_template(
        f"registration/{template}.html",
        locale=language,
        texts=words(language),
        translations={each: words(each) for each in offered},
        signed_in=None,
        title=offer().programme.title.get(language, "") if has_offer else "",
        proof=lambda: proof_field(g.secret),
        address=address,
        **values,
    )
    response = make_response(shown, status)
    if is_new and has_offer:
        keep_cookie(response, g.secret)
    return response


def keep_cookie(response: Response, secret: str) -> None:
    """Lets the browser keep the secret of a draft; in a page that embeds this one, for that page alone."""
    is_embedded = bool(joining().config.registration_origins)
    COOKIE.keep(response, secret, https=is_https(), is_embedded=is_embedded)


def to(view: str, **values: str) -> Response:
    """A redirect to another page, which the browser opens with GET."""
    return cast(Response, redirect(address(view, **values), 303))


def address(view: str, **values: str) -> str:
    """The address of a page of this programme, with the language and the style that the address of this page names."""
    kept = {name: request.args[name] for name in ("language", "style") if name in request.args}
    programme = (request.view_args or {}).get("programme", "")
    return url_for(f"registration.{view}", **cast(dict[str, Any], {"programme": programme, **kept, **values}))


def language_names(locales: tuple[str, ...]) -> Mapping[str, str]:
    """The name of each language, in that language."""
    return {each: (Locale.parse(each, sep="-").get_display_name(each) or each).capitalize() for each in locales}


def with_locale(kept: Draft) -> Draft:
    """A draft in the language that the address of this page names, if it names one."""
    return replace(kept, language=locale())


@blueprint.after_request
def embed(response: Response) -> Response:
    """Lets the sites of the configuration embed the pages."""
    origins = " ".join(joining().config.registration_origins.split())
    if origins:  # with `frame-ancestors` browsers do not read X-Frame-Options (CSP 3, 6.4.2.2)
        policy = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {origins}")
        response.headers["Content-Security-Policy"] = policy
    return response


def _refusal(status: int, error: CallerError | None) -> Response:
    """The page of a refusal."""
    kind = next((word for each, word in _KINDS.items() if isinstance(error, each)), None)
    words = kind or ("unknown" if status == 404 else "failed")
    return page("refused", status, kind=words, minutes=minutes_to_wait(error))


use_refusals(blueprint, _refusal)


@blueprint.route("/join-assets/<name>")
def asset(name: str) -> Response:
    """A stylesheet or the script."""
    return asset_of(FOLDER / "static", name, ASSETS)
