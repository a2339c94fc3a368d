"""SQL of tokens; the hash is stored, never the secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.platform.database.statements import Prepared
from service.platform.database.tables import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token. `name` is the reporter recorded on events.

    `patient_ref`, `journey` and `enrollments`, the ids of some, bind it if they are not None. `minted_by` is the id of
    the token that minted it, with which it is revoked; `caregiver` the id of the caregiver whose token it is.
    """

    id: str
    name: str
    digest: str
    scopes: frozenset[str]
    reports_as: str
    patient_ref: str | None
    journey: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    minted_by: str | None = None
    enrollments: frozenset[str] | None = None
    caregiver: str | None = None


_ONE = Prepared(select(tokens).where(tokens.c.id == bindparam("id")))
_ALL = select(tokens).order_by(tokens.c.created_at, tokens.c.id)
_INSERT = insert(tokens)
_REVOKE = (
    update(tokens)
    .where(tokens.c.id == bindparam("the_id"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_MINTED = (
    update(tokens)
    .where(tokens.c.minted_by == bindparam("the_id"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_OF_PATIENT = (
    update(tokens)
    .where(tokens.c.patient_ref == bindparam("the_ref"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_LOCK = select(tokens.c.revoked_at).where(tokens.c.id == bindparam("id")).with_for_update(read=True)


def find(connection: Connection, token: str) -> Token | None:
    """A token by its id, revoked or not, or None."""
    row = _ONE.first(connection, {"id": token})
    return _token(row) if row is not None else None


def list_all(connection: Connection) -> list[Token]:
    """Every token, oldest first."""
    return [_token(row) for row in connection.execute(_ALL)]


def add(connection: Connection, token: Token) -> None:
    """Stores a new token."""
    connection.execute(
        _INSERT,
        {
            "id": token.id,
            "name": token.name,
            "digest": token.digest,
            "scopes": " ".join(sorted(token.scopes)),
            "reports_as": token.reports_as,
            "patient_ref": token.patient_ref,
            "journey": token.journey,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "revoked_at": token.revoked_at,
            "minted_by": token.minted_by,
            "enrollments": " ".join(sorted(token.enrollments)) if token.enrollments is not None else None,
            "caregiver": token.caregiver,
        },
    )


def revoke(connection: Connection, token: str, now: datetime) -> int | None:
    """Revokes a token and every token that it minted; how many it minted, or None where no valid token has this id."""
    if connection.execute(_REVOKE, {"the_id": token, "at": now}).rowcount != 1:
        return None
    # A statement of its own: it sees what a minting committed that the first statement waited for.
    return connection.execute(_REVOKE_MINTED, {"the_id": token, "at": now}).rowcount


def revoke_of_patient(connection: Connection, patient_ref: str, now: datetime) -> None:
    """Revokes every token of a patient and of the caregivers."""
    connection.execute(_REVOKE_OF_PATIENT, {"the_ref": patient_ref, "at": now})


def lock_valid(connection: Connection, token: str) -> bool:
    """Keeps a token from being revoked until the end of the transaction; false where it is revoked already."""
    row = connection.execute(_LOCK, {"id": token}).first()
    return row is not None and row.revoked_at is None


def _token(row: Any) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        digest=row.digest,
        scopes=frozenset(row.scopes.split()),
        reports_as=row.reports_as,
        patient_ref=row.patient_ref,
        journey=row.journey,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        minted_by=row.minted_by,
        enrollments=frozenset(row.enrollments.split()) if row.enrollments is not None else None,
        caregiver=row.caregiver,
    )
