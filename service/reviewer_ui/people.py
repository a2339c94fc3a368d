"""Pages about accounts, for administrators."""

from __future__ import annotations

from flask import Response, request

from service.access import accounts
from service.http.context import service
from service.platform import errors
from service.reviewer_ui.blueprint import blueprint, page, to
from service.staff_pages import session


@blueprint.route("/accounts")
def accounts_page() -> Response:
    """Return the page of all accounts."""
    return page("accounts", accounts=accounts.list_accounts(service()))


@blueprint.route("/accounts/disable", methods=["POST"])
def disable_account() -> Response:
    """Disable an account; an administrator cannot disable their own."""
    name = request.form.get("name", "")
    if name == session().account.name:
        raise errors.Forbidden("You cannot disable your own account. Another administrator can.")
    if not accounts.disable_account(service(), name):
        raise errors.NotFound
    return to("accounts_page")
