"""The pages on which a browser makes or uses a passkey: only here a script runs. Without it a code still signs in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Response, g, request

from service.http.body import parse_object
from service.http.context import service
from service.platform import errors
from service.sign_in import passkeys
from service.sign_in.blueprint import (
    POLICY_WITH_SCRIPT,
    TEXTS,
    attempt,
    blueprint,
    configuration,
    is_https,
    let_in,
    locale_of_request,
    page,
    patient,
    to,
)
from service.sign_in.passkeys import Site

#: The longest answer of a device, in characters.
LONGEST_ANSWER = 20_000


@blueprint.route("/sign-in/passkey", methods=["POST"])
def ask_for_passkey() -> Response:
    """Shows the page that asks the browser for a passkey."""
    _require_passkeys()
    return _page("use", passkeys.begin_sign_in(service(), g.secret, _site()))


@blueprint.route("/sign-in/passkey/answer", methods=["POST"])
def use_passkey() -> Response:
    """Signs in by a passkey."""
    _require_passkeys()
    try:
        return let_in(passkeys.sign_in(service(), g.secret, attempt(), _site(), _answer()))
    except (errors.PasskeyRefused, errors.Malformed):
        return to("sign_in_page", said="passkey")


@blueprint.route("/account/passkeys", methods=["POST"])
def begin_passkey() -> Response:
    """Shows the page that has the browser make a passkey, shortly after the patient signed in by a code."""
    _require_passkeys()
    if not passkeys.is_fresh(service(), patient()):
        return to("sign_in_page", said="again")
    name = TEXTS.by_language[locale_of_request()]["passkey_name"]
    try:
        return _page("add", passkeys.begin_adding(service(), g.secret, patient(), _site(), name))
    except errors.TooMany:
        return to("account_page", done="no-passkey")


@blueprint.route("/account/passkeys/answer", methods=["POST"])
def add_passkey() -> Response:
    """Stores a passkey."""
    _require_passkeys()
    try:
        passkeys.add_passkey(service(), g.secret, patient(), attempt(), _site(), _answer())
    except (errors.PasskeyRefused, errors.Malformed):
        return to("account_page", done="no-passkey")
    return to("account_page", done="passkey")


@blueprint.route("/account/passkeys/end", methods=["POST"])
def end_passkey() -> Response:
    """Ends a passkey."""
    passkeys.end_passkey(service(), patient().person.id, request.form.get("passkey", ""))
    return to("account_page", done="passkey-ended")


def _page(act: str, options: str) -> Response:
    response = page("passkey", act=act, options=options)
    response.headers["Content-Security-Policy"] = POLICY_WITH_SCRIPT
    return response


def _answer() -> Mapping[str, Any]:
    text = request.form.get("credential", "")
    if len(text) > LONGEST_ANSWER:
        raise errors.PasskeyRefused
    return parse_object(text.encode())


def _site() -> Site:
    origin = f"{'https' if is_https() else request.scheme}://{request.host}"
    return Site(urlsplit(origin).hostname or "", origin)


def _require_passkeys() -> None:
    if not configuration().patient_passkeys:
        raise errors.NotFound
