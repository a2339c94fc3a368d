"""The pages on which a patient asks for a code and names it. GET shows, and only POST acts."""

from __future__ import annotations

import re

from flask import Response, request

from journeys.primitives.errors import Refused
from service.http.context import service
from service.platform.problems import STATUS
from service.sign_in import codes
from service.sign_in.blueprint import attempt, blueprint, let_in, page, to

#: What the page to sign in can say.
NOTICES = frozenset({"out", "ended", "everywhere"})
LONGEST_ADDRESS = 254


@blueprint.route("/sign-in")
def sign_in_page() -> Response:
    """Shows the form to ask for a code."""
    said = request.args.get("said", "")
    return page("sign_in", notice=said if said in NOTICES else None, problem=None, contact="")


@blueprint.route("/sign-in", methods=["POST"])
def ask_for_code() -> Response:
    """Asks for a code. The answer is the same for every address that could be one."""
    contact = request.form.get("contact", "").strip()
    address = contact if "@" in contact else re.sub(r"[\s().-]", "", contact)
    try:
        codes.ask_for_code(service(), attempt().browser, address[: LONGEST_ADDRESS + 1])
    except Refused as refused:
        shown = contact[:LONGEST_ADDRESS]
        return page("sign_in", STATUS[refused.code], notice=None, problem="problem_contact", contact=shown)
    return to("code_page")


@blueprint.route("/sign-in/code")
def code_page() -> Response:
    """Shows the form to name the code, in the browser that asked for one."""
    return _code_page()


@blueprint.route("/sign-in/code", methods=["POST"])
def confirm_code() -> Response:
    """Signs in by a code."""
    code = re.sub(r"[\s-]", "", request.form.get("code", ""))
    if not re.fullmatch(r"[0-9]{6}", code):
        return _code_page(422, problem="problem_digits")
    try:
        return let_in(codes.confirm_code(service(), attempt(), code))
    except Refused as refused:
        is_wrong = refused.fields["code"] == [codes.WRONG] and codes.has_request(service(), attempt().browser)
        return _code_page(STATUS[refused.code], problem="problem_wrong" if is_wrong else "problem_ended")


def _code_page(status: int = 200, *, problem: str | None = None) -> Response:
    is_open = codes.has_request(service(), attempt().browser)
    minutes = codes.CODE_LIFETIME.seconds // 60
    return page("code", status, problem=problem, is_open=is_open, minutes=minutes)
