"""The pages on which a patient asks for a code and names it. GET shows, and only POST acts."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request

from journeys.primitives.errors import Refused
from service.http.context import service
from service.platform.problems import STATUS
from service.sign_in import codes
from service.sign_in.blueprint import attempt, blueprint, configuration, let_in, page, providers, to
from service.sign_in.logins import confirm_and_link, unlinked_login

#: What the page to sign in can say.
NOTICES = frozenset({"out", "ended", "everywhere", "failed", "unlinked", "passkey", "again"})
LONGEST_ADDRESS = 254


@blueprint.route("/sign-in")
def sign_in_page() -> Response:
    """Shows the form to ask for a code."""
    said = request.args.get("said", "")
    return _sign_in_page(notice=said if said in NOTICES else None)


@blueprint.route("/sign-in", methods=["POST"])
def ask_for_code() -> Response:
    """Asks for a code. The answer is the same for every address that could be one."""
    contact = request.form.get("contact", "").strip()
    address = contact if "@" in contact else re.sub(r"[\s().-]", "", contact)
    try:
        codes.ask_for_code(service(), attempt().browser, address[: LONGEST_ADDRESS + 1])
    except Refused as refused:
        shown = contact[:LONGEST_ADDRESS]
        return _sign_in_page(STATUS[refused.code], problem="problem_contact", contact=shown)
    return to("code_page")


@blueprint.route("/sign-in/code")
def code_page() -> Response:
    """Shows the form to name the code, in the browser that asked for one."""
    return _code_page()


@blueprint.route("/sign-in/code/<code>")
def linked_code_page(code: str) -> Response:
    """Shows the same form with the code of the link in a mail: the button signs in, and not the link."""
    return _code_page(code=code if re.fullmatch(r"[0-9]{6}", code) else "")


@blueprint.route("/sign-in/code", methods=["POST"])
def confirm_code() -> Response:
    """Signs in by a code."""
    code = re.sub(r"[\s-]", "", request.form.get("code", ""))
    if not re.fullmatch(r"[0-9]{6}", code):
        return _code_page(422, problem="problem_digits")
    try:
        let = confirm_and_link(service(), providers(), attempt(), code)
        return let_in(let.opened, let.done)
    except Refused as refused:
        is_wrong = refused.fields["code"] == [codes.WRONG] and codes.has_request(service(), attempt().browser)
        return _code_page(STATUS[refused.code], problem="problem_wrong" if is_wrong else "problem_ended")


def _sign_in_page(
    status: int = 200, *, notice: str | None = None, problem: str | None = None, contact: str = ""
) -> Response:
    ways = {"providers": providers().values(), "has_passkeys": configuration().patient_passkeys}
    values = ways | _waiting_login()
    return page("sign_in", status, notice=notice, problem=problem, contact=contact, **values)


def _waiting_login() -> dict[str, Any]:
    """The login that a code would link, with the title of its provider."""
    login = unlinked_login(service(), attempt().browser)
    provider = providers().get(login.provider) if login is not None else None
    return {"login": login if provider is not None else None, "login_title": provider.title if provider else ""}


def _code_page(status: int = 200, *, problem: str | None = None, code: str = "") -> Response:
    is_open = codes.has_request(service(), attempt().browser)
    minutes = codes.CODE_LIFETIME.seconds // 60
    return page("code", status, problem=problem, is_open=is_open, minutes=minutes, code=code, **_waiting_login())
