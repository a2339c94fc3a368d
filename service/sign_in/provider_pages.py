"""The pages on the way to a provider and back; before the patient leaves, a page says which claims are taken."""

from __future__ import annotations

from typing import cast

from flask import Response, g, redirect, request, url_for

from service.http.context import service
from service.platform import errors
from service.sign_in import logins
from service.sign_in.blueprint import attempt, blueprint, is_https, let_in, page, providers, to
from service.sign_in.providers import PatientProvider


@blueprint.route("/sign-in/with/<key>")
def provider_page(key: str) -> Response:
    """Says which claims of a provider are taken, and which are not, before the patient goes there."""
    return page("provider", provider=_provider(key))


@blueprint.route("/sign-in/with/<key>/go")
def to_provider(key: str) -> Response:
    """Sends the browser to a provider. A link leads here: a form may be sent to this site only."""
    provider = _provider(key)
    if g.secret is None:  # a browser without the cookie could not come back
        return to("provider_page", key=key)
    try:
        address = logins.leave(service(), g.secret, provider, _return_address())
    except errors.ProviderFailed:
        return to("sign_in_page", said="failed")
    return cast(Response, redirect(address, 303))


@blueprint.route("/sign-in/back")
def from_provider() -> Response:
    """Signs in a patient whose login is known; a new login waits until the patient names a code too."""
    query = request.query_string.decode(errors="replace")
    try:
        let = logins.come_back(service(), providers(), g.secret or "", attempt(), query)
    except errors.ProviderFailed:
        return to("sign_in_page", said="failed")
    return let_in(let.opened, let.done) if let is not None else to("sign_in_page")


@blueprint.route("/sign-in/without", methods=["POST"])
def forget_login() -> Response:
    """Forgets the login that waits in this browser."""
    logins.forget_unlinked(service(), attempt().browser)
    return to("sign_in_page", said="unlinked")


def _provider(key: str) -> PatientProvider:
    provider = providers().get(key)
    if provider is None:
        raise errors.NotFound
    return provider


def _return_address() -> str:
    return url_for("sign_in.from_provider", _external=True, _scheme="https" if is_https() else request.scheme)
