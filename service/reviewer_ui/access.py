"""Which role may open what in the room, in one table: a route that is not listed is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping

from service.access.accounts import ROLES
from service.access.store.accounts import Account
from service.platform import errors

#: Without signing in.
ANYBODY: frozenset[str] = frozenset()
STAFF = frozenset(ROLES)
AUTHORS_AND_PUBLISHERS = frozenset({"author", "publisher"})
AUTHORS_AND_REVIEWERS = frozenset({"author", "reviewer"})
REVIEWERS = frozenset({"reviewer"})
REVIEWERS_AND_PUBLISHERS = frozenset({"reviewer", "publisher"})
PUBLISHERS = frozenset({"publisher"})
ADMINISTRATORS = frozenset({"administrator"})
#: Patients are looked up by those who answer for what they read, nobody else.
CARE = frozenset({"reviewer", "administrator"})

#: By endpoint; whoever has one of the roles may.
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
    """Whether somebody may open an endpoint; of those for anybody, everybody may."""
    wanted = ROUTES.get(endpoint)
    return wanted is not None and (wanted is ANYBODY or bool(wanted & account.roles))


def require(endpoint: str, account: Account | None) -> None:
    """Lets somebody pass, or not.

    Raises:
        NotFound: the route is not in the table.
        NotSignedIn: it is for those who are signed in.
        Forbidden: it is for another role.
    """
    wanted = ROUTES.get(endpoint)
    if wanted is None:
        raise errors.NotFound
    if wanted is ANYBODY:
        return
    if account is None:
        raise errors.NotSignedIn
    if not wanted & account.roles:
        raise errors.Forbidden(errors.NEEDS_ROLE.format(" or ".join(sorted(wanted))))
