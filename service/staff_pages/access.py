"""The roles that may open each route of a room, in one table for each room; an unlisted route is refused."""

from __future__ import annotations

from collections.abc import Mapping

from service.access.store.accounts import Account
from service.access.words import ROLES
from service.platform import errors

#: The route needs no session.
ANYBODY: frozenset[str] = frozenset()
#: Whoever has an account.
SIGNED_IN = frozenset(ROLES)

#: The roles by endpoint; one of them is enough.
Routes = Mapping[str, frozenset[str]]


def routes_of_every_room(name: str) -> Routes:
    """Return the routes that every room has, for a room by its name."""
    views = {
        "asset": ANYBODY,
        "nothing": ANYBODY,
        "sign_in_page": ANYBODY,
        "sign_in": ANYBODY,
        "to_provider": ANYBODY,
        "sign_out": SIGNED_IN,
        "password_page": SIGNED_IN,
        "change_password": SIGNED_IN,
        "make_code": SIGNED_IN,
    }
    return {f"{name}.{view}": roles for view, roles in views.items()}


def may(routes: Routes, endpoint: str, account: Account) -> bool:
    """Return whether an account may open an endpoint."""
    roles = routes.get(endpoint)
    return roles is not None and (roles is ANYBODY or bool(roles & account.roles))


def require(routes: Routes, endpoint: str, account: Account | None) -> None:
    """Refuse an account that may not open an endpoint.

    Raises:
        NotFound: the route is not in the table.
        NotSignedIn: the route needs a session.
        Forbidden: the route is for other roles.
    """
    roles = routes.get(endpoint)
    if roles is None:
        raise errors.NotFound
    if roles is ANYBODY:
        return
    if account is None:
        raise errors.NotSignedIn
    if not roles & account.roles:
        raise errors.Forbidden(f"This page is for the role {' or '.join(sorted(roles))}.")
