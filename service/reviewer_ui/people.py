"""Pages about accounts, for administrators."""

from __future__ import annotations

from flask import Response, request

from service.access import accounts
from service.http.context import service
from service.platform import errors
from service.reviewer_ui.blueprint import blueprint, page, session, to


@blueprint.route("/accounts")
def accounts_page() -> Response:
    """Everybody who has an account."""
    return page("accounts", accounts=accounts.list_accounts(service()))


@blueprint.route("/accounts/disable", methods=["POST"])
def disable_account() -> Response:
    """Closes an account; nobody closes their own."""
    name = request.form.get("name", "")
    if name == session().account.name:
        raise errors.Forbidden(errors.NOT_YOUR_OWN_ACCOUNT)
    if not accounts.disable_account(service(), name):
        raise errors.NotFound
    return to("accounts_page")
