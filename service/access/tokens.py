"""Tokens of applications and patients: created, listed, revoked, recognised. Only the hash of a secret is stored."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.primitives.errors import Refused
from journeys.primitives.problems import did_you_mean
from service.access.caller import OF_ACCOUNT, OF_CAREGIVER, Caller, CallingCaregiver
from service.access.store import tokens
from service.access.store.caregivers import StoredCaregiver, find_caregiver
from service.access.store.tokens import Token
from service.access.words import ACCEPTED_SCOPES, REPORTS_AS, SANDBOX
from service.platform import errors
from service.platform.logs import log
from service.platform.process import Process

#: The scopes of which a token that is limited to sandboxes needs one; it has none of the others.
SANDBOX_SCOPES = frozenset({"enroll", "report", "read", "staff"})
#: The scopes of the token of a patient or a caregiver.
OWN_SCOPES = frozenset({"read", "report"})
OF_PATIENT = "patient:"
_PREFIX = "jt"

#: The reporter type of caregivers, whose tokens are made when they accept an invitation.
FAMILY = "family"
OF_SANDBOXES = (
    "A token with the scope 'sandbox' also has one of 'enroll', 'report', 'read' and 'staff', and no other scope."
)
ANOTHER_NAME = "A token with this name reports as another reporter type, or not for the same kind. Use another name."
NOT_RECOGNISED = "The token is unknown, expired or revoked."


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTokenRequest:
    """A token for one patient that is valid for some seconds."""

    patient_ref: str
    journey: str | None
    expires_in: int


@dataclass(frozen=True, slots=True)
class Binding:
    """The patient and the journey of the enrollment to which the token of a caregiver is bound."""

    enrollment: str
    patient_ref: str
    journey: str


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token; its holder sends `text`, which is stored nowhere."""

    token: Token
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    """What a new token allows, for how long (None: without an end), what it is bound to, and who minted it."""

    name: str
    scopes: frozenset[str]
    reports_as: str
    lifetime: timedelta | None
    patient_ref: str | None = None
    journey: str | None = None
    enrollments: frozenset[str] | None = None
    minted_by: str | None = None
    caregiver: str | None = None


def create_token(
    process: Process,
    *,
    name: str,
    scopes: Iterable[str],
    reports_as: str | None = None,
    expires_in: timedelta | None = None,
) -> Minted:
    """A new token for an application or staff.

    Args:
        process: the process.
        name: the reporter recorded on its events; tokens with the same name are the same reporter.
        scopes: of `enroll`, `report`, `read`, `staff`, `admin`, `mint:any`; with `sandbox` for sandboxes alone.
        reports_as: reporter type recorded on events sent with this token; by default `staff` with that scope, else
            `patient`.
        expires_in: how long the token is valid; without an end by default.

    Raises:
        Refused: a field has a value that is not accepted.
    """
    requested = frozenset(scopes)
    reporter_type = reports_as or ("staff" if "staff" in requested else "patient")
    problems: dict[str, list[str]] = {}
    reserved = (OF_PATIENT, OF_ACCOUNT, OF_CAREGIVER)
    if not 1 <= len(name) <= 100 or not name.isprintable() or name.startswith(reserved):
        text = "A name has 1 to 100 printable characters and does not begin with '{}', '{}' or '{}'."
        problems["name"] = [text.format(*reserved)]
    unknown = sorted(requested - set(ACCEPTED_SCOPES))
    if unknown or not requested:
        problems["scopes"] = [_scopes_problem(unknown)]
    elif SANDBOX in requested and (requested == {SANDBOX} or requested - {SANDBOX} - SANDBOX_SCOPES):
        problems["scopes"] = [OF_SANDBOXES]
    if reporter_type not in REPORTS_AS or (reporter_type == "staff") != ("staff" in requested):
        problems["reports_as"] = ["A token reports as 'patient', and as 'staff' exactly if it has the scope 'staff'."]
    with process.database.writing() as connection:
        same_name = [token for token in tokens.list_all(connection) if token.name == name]
        # Every token of a name gets the stored decisions of that name, so all must see the same view.
        if any(
            token.reports_as != reporter_type
            or any((scope in token.scopes) != (scope in requested) for scope in ("staff", SANDBOX))
            for token in same_name
        ):
            problems["name"] = [ANOTHER_NAME]
        if problems:
            raise Refused(problems)
        grant = _Grant(
            name=name,
            scopes=requested,
            reports_as=reporter_type,
            lifetime=expires_in,
        )
        minted = _mint(process, grant, process.clock())
        tokens.add(connection, minted.token)
    log().info("token created", token=minted.token.id, scopes=sorted(requested), reports_as=reporter_type)
    return minted


def mint_patient_token(
    process: Process,
    request: PatientTokenRequest,
    *,
    minter: Caller | None = None,
    enrollments: frozenset[str] | None = None,
) -> Minted:
    """A new token with which one patient reads and reports.

    Args:
        process: the process.
        request: the patient, and how long the token is valid.
        minter: who mints it; it is revoked with the minter's token. None: the service itself.
        enrollments: the ids of the enrollments that bind it; None: every enrollment of the patient, later ones too.

    Raises:
        Unauthenticated: the minter's token was revoked meanwhile.
    """
    minted_by = minter.token if minter is not None else None
    with process.database.writing() as connection:
        if minter is not None and not tokens.lock_valid(connection, minter.token):
            raise errors.Unauthenticated(NOT_RECOGNISED)
        return add_patient_token(process, connection, request, minted_by=minted_by, enrollments=enrollments)


def add_patient_token(
    process: Process,
    connection: Connection,
    request: PatientTokenRequest,
    *,
    minted_by: str | None = None,
    enrollments: frozenset[str] | None = None,
) -> Minted:
    """A new token of one patient, within a transaction; `enrollments` as in `mint_patient_token`."""
    grant = _Grant(
        name=OF_PATIENT + request.patient_ref,
        scopes=OWN_SCOPES,
        reports_as="patient",
        lifetime=timedelta(seconds=request.expires_in),
        patient_ref=request.patient_ref,
        journey=request.journey,
        enrollments=enrollments,
        minted_by=minted_by,
    )
    minted = _mint(process, grant, process.clock())
    tokens.add(connection, minted.token)
    log().info("token minted", token=minted.token.id, minter=minted_by, bound=enrollments is not None)
    return minted


def mint_caregiver_token(
    process: Process, connection: Connection, caregiver: StoredCaregiver, binding: Binding
) -> Minted:
    """A new token with which a caregiver reads and reports for one enrollment, until the end of the grants."""
    now, until = process.clock(), caregiver.grants.until
    grant = _Grant(
        name=OF_CAREGIVER + caregiver.id,
        scopes=OWN_SCOPES,
        reports_as=FAMILY,
        lifetime=until - now if until is not None else None,
        patient_ref=binding.patient_ref,
        journey=binding.journey,
        enrollments=frozenset({binding.enrollment}),
        caregiver=caregiver.id,
    )
    minted = _mint(process, grant, now)
    tokens.add(connection, minted.token)
    return minted


def list_tokens(process: Process) -> list[Token]:
    """Every token, without secrets, oldest first."""
    with process.database.reading() as connection:
        return tokens.list_all(connection)


def revoke_token(process: Process, token: str) -> bool:
    """Revokes a token by its id, at once, and every token that it minted; false where no valid token has this id."""
    with process.database.writing() as connection:
        minted = tokens.revoke(connection, token, process.clock())
    if minted is not None:
        log().info("token revoked", token=token, minted=minted)
    return minted is not None


def recognise(process: Process, text: str) -> Caller:
    """The caller who sends a token; read from the database every time, so that revoking works at once.

    Raises:
        Unauthenticated: the token is unknown, expired or revoked; the three are not told apart.
    """
    prefix, _, rest = text.partition("_")
    token_id, _, _ = rest.partition("_")
    if prefix != _PREFIX or not token_id.isalnum() or len(text) > 200 or not text.isascii():
        raise errors.Unauthenticated(NOT_RECOGNISED)
    with process.database.reading() as connection:
        token = tokens.find(connection, token_id)
        caregiver = _caregiver_of(process, connection, token)
    digest = _digest(text)
    if token is None or not hmac.compare_digest(token.digest, digest):
        raise errors.Unauthenticated(NOT_RECOGNISED)
    _require_valid(process, token)
    if token.reports_as == FAMILY and caregiver is None:
        raise errors.Unauthenticated(NOT_RECOGNISED)
    return Caller(
        token=token.id,
        name=token.name,
        scopes=token.scopes,
        by=token.reports_as,
        patient_ref=token.patient_ref,
        journey=token.journey,
        disclosed=[],
        enrollments=token.enrollments,
        caregiver=caregiver,
    )


def require_still_valid(process: Process, caller: Caller) -> None:
    """Checks again, during a long answer, that the token of a caller is valid.

    Raises:
        Unauthenticated: it expired or was revoked.
    """
    with process.database.reading() as connection:
        token = tokens.find(connection, caller.token)
    if token is None:
        raise errors.Unauthenticated(NOT_RECOGNISED)
    _require_valid(process, token)


def _caregiver_of(process: Process, connection: Connection, token: Token | None) -> CallingCaregiver | None:
    """The caregiver whose token it is, with the grants of this moment; None where there is none any more."""
    stored = find_caregiver(connection, token.caregiver) if token is not None and token.caregiver is not None else None
    if stored is None or stored.person is None or not stored.is_active(process.clock()):
        return None
    return CallingCaregiver(id=stored.id, person=stored.person, grants=stored.grants)


def _require_valid(process: Process, token: Token) -> None:
    is_expired = token.expires_at is not None and token.expires_at <= process.clock()
    if is_expired or token.revoked_at is not None:
        raise errors.Unauthenticated(NOT_RECOGNISED)


def _mint(process: Process, grant: _Grant, now: datetime) -> Minted:
    token_id = process.new_id()
    text = f"{_PREFIX}_{token_id}_{process.new_secret()}"
    token = Token(
        id=token_id,
        name=grant.name,
        digest=_digest(text),
        scopes=grant.scopes,
        reports_as=grant.reports_as,
        patient_ref=grant.patient_ref,
        journey=grant.journey,
        created_at=now,
        expires_at=now + grant.lifetime if grant.lifetime is not None else None,
        revoked_at=None,
        minted_by=grant.minted_by,
        enrollments=grant.enrollments,
        caregiver=grant.caregiver,
    )
    return Minted(token, text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _scopes_problem(unknown: list[str]) -> str:
    accepted = f" Accepted: {', '.join(ACCEPTED_SCOPES)}."
    if not unknown:
        return "A token needs at least one scope." + accepted
    return f"Unknown scope '{unknown[0][:80]}'.{did_you_mean(unknown[0], ACCEPTED_SCOPES) or accepted}"
