"""The roles that may open each route of the reviewers' pages, in one table; an unlisted route is refused."""

from __future__ import annotations

from collections.abc import Mapping

from service.access.accounts import ROLES
from service.access.store.accounts import Account
from service.platform import errors

#: The route needs no session.
ANYBODY: frozenset[str] = frozenset()
STAFF = frozenset(ROLES)
AUTHORS_AND_PUBLISHERS = frozenset({"author", "publisher"})
AUTHORS_AND_REVIEWERS = frozenset({"author", "reviewer"})
REVIEWERS = frozenset({"reviewer"})
REVIEWERS_AND_PUBLISHERS = frozenset({"reviewer", "publisher"})
PUBLISHERS = frozenset({"publisher"})
ADMINISTRATORS = frozenset({"administrator"})
#: Only those who are responsible for what patients read may look up a patient.
CARE = frozenset({"reviewer", "administrator"})

#: The roles by endpoint; one of them is enough.
ROUTES: Mapping[str, frozenset[str]] = {
    "room.asset": ANYBODY,
    "room.nothing": ANYBODY,
    "room.sign_in_page": ANYBODY,
    "room.sign_in": ANYBODY,
    "room.to_provider": ANYBODY,
    "room.from_provider": ANYBODY,
    "room.sign_out": STAFF,
    "room.password_page": STAFF,
    "room.change_password": STAFF,
    "room.make_code": STAFF,
    "room.start": STAFF,
    "room.journeys": STAFF,
    "room.release": STAFF,
    "room.diagram": STAFF,
    "room.state": STAFF,
    "room.piece": STAFF,
    "room.as_sent": STAFF,
    "room.picture": STAFF,
    "room.compare": STAFF,
    "room.pack": STAFF,
    "room.paths": STAFF,
    "room.path": STAFF,
    "room.signatures": STAFF,
    "room.sign": REVIEWERS,
    "room.reject": REVIEWERS,
    "room.sign_structure": REVIEWERS,
    "room.reject_structure": REVIEWERS,
    "room.queue": REVIEWERS,
    "room.queued_item": REVIEWERS,
    "room.decide": REVIEWERS,
    "room.binder": REVIEWERS,
    "room.sign_binder": REVIEWERS,
    "room.submit": AUTHORS_AND_PUBLISHERS,
    "room.submit_structure": AUTHORS_AND_PUBLISHERS,
    "room.recall": REVIEWERS_AND_PUBLISHERS,
    "room.activate": PUBLISHERS,
    "room.comment": AUTHORS_AND_REVIEWERS,
    "room.patients_page": CARE,
    "room.find_patient": CARE,
    "room.explanation": CARE,
    "room.accounts_page": ADMINISTRATORS,
    "room.disable_account": ADMINISTRATORS,
}


def may(endpoint: str, account: Account) -> bool:
    """Return whether an account may open an endpoint."""
    roles = ROUTES.get(endpoint)
    return roles is not None and (roles is ANYBODY or bool(roles & account.roles))


def require(endpoint: str, account: Account | None) -> None:
    """Refuse an account that may not open an endpoint.

    Raises:
        NotFound: the route is not in the table.
        NotSignedIn: the route needs a session.
        Forbidden: the route is for other roles.
    """
    roles = ROUTES.get(endpoint)
    if roles is None:
        raise errors.NotFound
    if roles is ANYBODY:
        return
    if account is None:
        raise errors.NotSignedIn
    if not roles & account.roles:
        raise errors.Forbidden(f"This page is for the role {' or '.join(sorted(roles))}.")
