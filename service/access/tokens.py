"""Tokens: made, listed, revoked, and recognised; the secret is given once and only its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from journeys.primitives.errors import Refused
from journeys.primitives.problems import did_you_mean
from service.access.caller import Caller
from service.access.store import tokens
from service.access.store.tokens import Token
from service.platform import errors
from service.platform.process import Process

SCOPES = ("enroll", "report", "read", "staff", "admin")
REPORTS_AS = ("patient", "family", "staff")
OF_PATIENT = "patient:"
_PREFIX = "jt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTokenRequest:
    """A token for one patient, good for some seconds."""

    patient_ref: str
    journey: str | None
    expires_in: int


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token: `text` is what its holder sends, and is nowhere else."""

    token: Token
    text: str


def create_token(
    process: Process,
    *,
    name: str,
    scopes: Iterable[str],
    reports_as: str | None = None,
    expires_in: timedelta | None = None,
) -> Minted:
    """A token for an application or a person.

    Args:
        name: the reporter that its events carry; a second token of the same name is the same reporter.
        scopes: of `enroll`, `report`, `read`, `staff`, `admin`.
        reports_as: whose word its reports are; `staff` with that scope, else `patient`.
        expires_in: how long it is good for; for ever unless given.

    Raises:
        Refused: by field, what is not accepted.
    """
    wanted = frozenset(scopes)
    kind = reports_as or ("staff" if "staff" in wanted else "patient")
    problems: dict[str, list[str]] = {}
    if not 1 <= len(name) <= 100 or not name.isprintable() or name.startswith(OF_PATIENT):
        problems["name"] = [errors.NAME_ACCEPTED.format(OF_PATIENT)]
    unknown = sorted(wanted - set(SCOPES))
    if unknown or not wanted:
        hint = did_you_mean(unknown[0], SCOPES) if unknown else errors.ACCEPTED.format(", ".join(SCOPES))
        problems["scopes"] = [errors.UNKNOWN_SCOPE + hint]
    if kind not in REPORTS_AS or (kind == "staff") != ("staff" in wanted):
        problems["reports_as"] = [errors.REPORTS_AS]
    with process.database.writing() as connection:
        same = [token for token in tokens.list_all(connection) if token.name == name]
        # A reporter's decisions are answered again to whoever carries the name: all must see the same.
        if any(token.reports_as != kind or ("staff" in token.scopes) != ("staff" in wanted) for token in same):
            problems["name"] = [errors.NAME_OF_ANOTHER_KIND]
        if problems:
            raise Refused(problems)
        now = process.clock()
        expires_at = now + expires_in if expires_in is not None else None
        minted = _mint(process, now, name=name, scopes=wanted, reports_as=kind, expires_at=expires_at)
        tokens.add(connection, minted.token)
    return minted


def mint_patient_token(process: Process, request: PatientTokenRequest) -> Minted:
    """A token for one patient, who then reads and reports for themselves."""
    with process.database.writing() as connection:
        now = process.clock()
        minted = _mint(
            process,
            now,
            name=OF_PATIENT + request.patient_ref,
            scopes=frozenset({"read", "report"}),
            reports_as="patient",
            patient_ref=request.patient_ref,
            journey=request.journey,
            expires_at=now + timedelta(seconds=request.expires_in),
        )
        tokens.add(connection, minted.token)
    return minted


def list_tokens(process: Process) -> list[Token]:
    """Every token, without secrets, oldest first."""
    with process.database.reading() as connection:
        return tokens.list_all(connection)


def revoke_token(process: Process, token: str) -> bool:
    """Ends a token at once, by its id; false when there is none that is still good."""
    with process.database.writing() as connection:
        return tokens.revoke(connection, token, process.clock())


def recognise(process: Process, text: str) -> Caller:
    """Who sends a token; read from the database every time, so that revoking works at once.

    Raises:
        Unauthenticated: unknown, expired or revoked; the three are not told apart.
    """
    prefix, _, rest = text.partition("_")
    token_id, _, _ = rest.partition("_")
    if prefix != _PREFIX or not token_id.isalnum() or len(text) > 200 or not text.isascii():
        raise errors.Unauthenticated(errors.NOT_VALID)
    with process.database.reading() as connection:
        token = tokens.find(connection, token_id)
    given = _digest(text)
    if token is None or not hmac.compare_digest(token.digest, given):
        raise errors.Unauthenticated(errors.NOT_VALID)
    expired = token.expires_at is not None and token.expires_at <= process.clock()
    if expired or token.revoked_at is not None:
        raise errors.Unauthenticated(errors.NOT_VALID)
    return Caller(token.id, token.name, token.scopes, token.reports_as, token.patient_ref, token.journey, disclosed=[])


def _mint(
    process: Process,
    now: datetime,
    *,
    name: str,
    scopes: frozenset[str],
    reports_as: str,
    expires_at: datetime | None,
    patient_ref: str | None = None,
    journey: str | None = None,
) -> Minted:
    token_id = process.new_id()
    text = f"{_PREFIX}_{token_id}_{process.new_secret()}"
    token = Token(
        id=token_id,
        name=name,
        digest=_digest(text),
        scopes=scopes,
        reports_as=reports_as,
        patient_ref=patient_ref,
        journey=journey,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    return Minted(token, text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
