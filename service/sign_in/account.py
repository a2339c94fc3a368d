"""The page of a signed-in patient: where the patient is signed in, and which apps have a token; each can be ended."""

from __future__ import annotations

from flask import Response, request

from service.http.context import service
from service.sign_in import apps, logins, passkeys, sessions
from service.sign_in.blueprint import (
    COOKIE,
    blueprint,
    configuration,
    is_https,
    page,
    patient,
    providers,
    to,
)

#: What the page can say.
DONE = frozenset({"session", "app", "login", "linked", "passkey", "no-passkey", "passkey-ended", "record", "no-record"})


@blueprint.route("/account")
def account_page() -> Response:
    """Shows the sessions and the apps."""
    person = patient().person
    done, current = request.args.get("done", ""), patient().session.id
    return page(
        "account",
        sessions=sorted(sessions.list_sessions(service(), person.id), key=lambda each: each.id != current),
        apps=apps.list_apps(service(), person.id),
        current=current,
        logins=logins.list_logins(service(), person.id),
        passkeys=passkeys.list_passkeys(service(), person.id),
        has_passkeys=configuration().patient_passkeys,
        providers=providers().values(),
        titles={provider.key: provider.title for provider in providers().values()},
        done=done if done in DONE else None,
    )


@blueprint.route("/sign-out", methods=["POST"])
def sign_out() -> Response:
    """Ends this session."""
    sessions.end_session(service(), patient().person.id, patient().session.id)
    return _out("out")


@blueprint.route("/account/sessions/end", methods=["POST"])
def end_session() -> Response:
    """Ends another session, or this one."""
    ended = request.form.get("session", "")
    sessions.end_session(service(), patient().person.id, ended)
    return _out("out") if ended == patient().session.id else to("account_page", done="session")


@blueprint.route("/account/logins/end", methods=["POST"])
def end_login() -> Response:
    """Ends a login at a provider."""
    logins.end_login(service(), patient().person.id, request.form.get("login", ""))
    return to("account_page", done="login")


@blueprint.route("/account/apps/end", methods=["POST"])
def end_app() -> Response:
    """Ends the token of an app."""
    apps.end_app(service(), patient().person.id, request.form.get("app", ""))
    return to("account_page", done="app")


@blueprint.route("/account/end", methods=["POST"])
def end_everything() -> Response:
    """Ends every session and the token of every app."""
    apps.end_everything(service(), patient().person.id)
    return _out("everywhere")


def _out(said: str) -> Response:
    response = to("sign_in_page", said=said)
    COOKIE.forget(response, https=is_https())
    return response
