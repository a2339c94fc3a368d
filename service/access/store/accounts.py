"""SQL of accounts, sessions and failed sign-ins; passwords and secrets are stored as hashes only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from service.platform.database.payload import seal, unseal
from service.platform.database.tables import account_arrivals, account_failures, account_sessions, accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of staff.

    A reviewer may sign for `functions` in `locales`. `password` is the hash; `subject` the name of the account at the
    organisation's provider. The digest of the inbox goes to `email`, unless the account switched it off.
    """

    id: str
    name: str
    printed_name: str
    password: str | None
    subject: str | None
    roles: frozenset[str]
    functions: frozenset[str]
    locales: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None
    email: str | None = None
    digest_off_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session; `digest` is that of the secret in the browser, `method` is password, provider or code.

    `has_form`: whether a form that was sent after the session before had ended waits to be shown.
    """

    digest: str
    account: Account
    method: str
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime | None
    signed_at: datetime | None
    has_form: bool = False


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was sent after its session had ended: the address of its page, and the texts of each field."""

    address: str
    fields: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sign-in at the provider that has begun: its secrets, and the page to return to."""

    digest: str
    secrets: Mapping[str, str]
    back: str
    created_at: datetime


_BY_NAME = select(accounts).where(accounts.c.name == bindparam("name"))
_BY_SUBJECT = select(accounts).where(accounts.c.subject == bindparam("subject"))
_BY_ID = select(accounts).where(accounts.c.id == bindparam("id"))
_ALL = select(accounts).order_by(accounts.c.name)
_INSERT = insert(accounts)
_DISABLE = (
    update(accounts)
    .where(accounts.c.id == bindparam("the_id"), accounts.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("at"))
)
_SET_PASSWORD = update(accounts).where(accounts.c.id == bindparam("the_id")).values(password=bindparam("hashed"))

_INSERT_SESSION = insert(account_sessions)
_SESSION = select(account_sessions).where(
    account_sessions.c.digest == bindparam("digest"), account_sessions.c.ended_at.is_(None)
)
_NOTE = update(account_sessions).where(account_sessions.c.digest == bindparam("the_digest"))
_TAKE_CONFIRMATION = _NOTE.where(account_sessions.c.confirmed_at >= bindparam("since")).values(confirmed_at=None)
_TAKE_CODE = _NOTE.where(
    account_sessions.c.account == bindparam("the_account"),
    account_sessions.c.way == "code",
    account_sessions.c.ended_at.is_(None),
    account_sessions.c.created_at > bindparam("since"),
).values(ended_at=bindparam("at"))
_END = _NOTE.where(account_sessions.c.ended_at.is_(None)).values(ended_at=bindparam("at"))
_END_ALL = (
    update(account_sessions)
    .where(account_sessions.c.account == bindparam("the_account"), account_sessions.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)

_KEEP = _NOTE.values(kept=bindparam("form"), kept_at=bindparam("at"))
_KEPT = select(account_sessions.c.kept).where(
    account_sessions.c.digest == bindparam("digest"),
    account_sessions.c.account == bindparam("account"),
    account_sessions.c.kept_at > bindparam("since"),
)
_FORGET_KEPT = (
    update(account_sessions).where(account_sessions.c.kept_at <= bindparam("before")).values(kept=None, kept_at=None)
)

_LOCK_FAILURES = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name_digest"), 0)))
_INSERT_FAILURE = insert(account_failures)
_FAILURES = select(func.count(), func.min(account_failures.c.failed_at)).where(
    account_failures.c.name_digest == bindparam("name_digest"), account_failures.c.failed_at > bindparam("since")
)
_FORGET_FAILURE = delete(account_failures).where(account_failures.c.id == bindparam("the_id"))
_FORGET_FAILURES = delete(account_failures).where(account_failures.c.failed_at <= bindparam("before"))

_INSERT_ARRIVAL = insert(account_arrivals)
_ARRIVAL = select(account_arrivals).where(account_arrivals.c.digest == bindparam("digest"))
_FORGET_ARRIVAL = delete(account_arrivals).where(account_arrivals.c.digest == bindparam("the_digest"))
_FORGET_ARRIVALS = delete(account_arrivals).where(account_arrivals.c.created_at <= bindparam("before"))


def find_by_name(connection: Connection, name: str) -> Account | None:
    """The account that signs in by a name, disabled or not, or None."""
    return _first(connection, _BY_NAME, {"name": name})


def find_by_subject(connection: Connection, subject: str) -> Account | None:
    """The account with a name at the provider, disabled or not, or None."""
    return _first(connection, _BY_SUBJECT, {"subject": subject})


def find(connection: Connection, account: str) -> Account | None:
    """An account by its id, disabled or not, or None."""
    return _first(connection, _BY_ID, {"id": account})


def list_all(connection: Connection) -> list[Account]:
    """Every account, by name."""
    return [_account(row) for row in connection.execute(_ALL)]


def add(connection: Connection, account: Account) -> None:
    """Stores a new account."""
    connection.execute(
        _INSERT,
        {
            "id": account.id,
            "name": account.name,
            "printed_name": account.printed_name,
            "password": account.password,
            "subject": account.subject,
            "roles": _joined(account.roles),
            "functions": _joined(account.functions),
            "locales": _joined(account.locales),
            "created_at": account.created_at,
            "disabled_at": account.disabled_at,
            "email": account.email,
            "digest_off_at": account.digest_off_at,
        },
    )


def disable(connection: Connection, account: str, now: datetime) -> bool:
    """Disables an account and ends its sessions; false where no enabled account has this id."""
    is_disabled = connection.execute(_DISABLE, {"the_id": account, "at": now}).rowcount == 1
    connection.execute(_END_ALL, {"the_account": account, "at": now})
    return is_disabled


def set_password(connection: Connection, account: str, hashed: str) -> None:
    """Replaces the hash of a password."""
    connection.execute(_SET_PASSWORD, {"the_id": account, "hashed": hashed})


# --- sessions ----------------------------------------------------------------------------------------------------


def add_session(connection: Connection, session: Session) -> None:
    """Stores a new session."""
    connection.execute(
        _INSERT_SESSION,
        {
            "digest": session.digest,
            "account": session.account.id,
            "way": session.method,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "confirmed_at": session.confirmed_at,
            "signed_at": session.signed_at,
        },
    )


def find_session(connection: Connection, digest: str) -> Session | None:
    """A session that was not ended, with its account, disabled or not; or None."""
    row = connection.execute(_SESSION, {"digest": digest}).first()
    account = find(connection, row.account) if row is not None else None
    if row is None or account is None:
        return None
    return Session(
        digest=row.digest,
        account=account,
        method=row.way,
        created_at=row.created_at,
        seen_at=row.seen_at,
        confirmed_at=row.confirmed_at,
        signed_at=row.signed_at,
        has_form=row.kept is not None,
    )


def note(connection: Connection, digest: str, **times: datetime) -> None:
    """Stores when a session was last seen (`seen_at`), confirmed (`confirmed_at`), or first signed (`signed_at`)."""
    connection.execute(_NOTE.values(**times), {"the_digest": digest})


def take_confirmation(connection: Connection, digest: str, since: datetime) -> bool:
    """Uses up a confirmation by the provider since a time; false where the session has none."""
    return connection.execute(_TAKE_CONFIRMATION, {"the_digest": digest, "since": since}).rowcount == 1


def end_session(connection: Connection, digest: str, now: datetime) -> None:
    """Ends a session."""
    connection.execute(_END, {"the_digest": digest, "at": now})


def end_sessions(connection: Connection, account: str, now: datetime) -> None:
    """Ends every session of an account."""
    connection.execute(_END_ALL, {"the_account": account, "at": now})


def take_code(connection: Connection, digest: str, account: str, now: datetime, since: datetime) -> bool:
    """Ends a code of an account, so that it works once; false where none was made since a time."""
    values = {"the_digest": digest, "the_account": account, "at": now, "since": since}
    return connection.execute(_TAKE_CODE, values).rowcount == 1


# --- forms that came after the end of a session ------------------------------------------------------------------


def keep_form(connection: Connection, digest: str, form: KeptForm | None, now: datetime) -> None:
    """Stores a form with a session, or (None) deletes the form that is stored with it."""
    sealed = (
        seal({"address": form.address, "fields": {name: list(form.fields[name]) for name in form.fields}})
        if form
        else None
    )
    connection.execute(_KEEP, {"the_digest": digest, "form": sealed, "at": now if form else None})


def kept_form(connection: Connection, digest: str, account: str, since: datetime) -> KeptForm | None:
    """The form that was stored with a session of an account since a time, or None."""
    values = {"digest": digest, "account": account, "since": since}
    sealed = connection.execute(_KEPT, values).scalar()
    return KeptForm(**unseal(sealed)) if sealed is not None else None


def forget_forms(connection: Connection, before: datetime) -> None:
    """Deletes the forms that were stored before a time."""
    connection.execute(_FORGET_KEPT, {"before": before})


# --- failed sign-ins ---------------------------------------------------------------------------------------------


def note_failure(connection: Connection, id: str, name_digest: str, now: datetime, forget_before: datetime) -> None:
    """Stores a wrong password, and deletes those before `forget_before`."""
    connection.execute(_FORGET_FAILURES, {"before": forget_before})
    connection.execute(_INSERT_FAILURE, {"id": id, "name_digest": name_digest, "failed_at": now})


def lock_failures(connection: Connection, name_digest: str) -> None:
    """Lets no other transaction count the wrong passwords for a name until this one ends; SQLite has one at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK_FAILURES, {"name_digest": name_digest})


def forget_failure(connection: Connection, id: str) -> None:
    """Deletes an attempt whose password was right."""
    connection.execute(_FORGET_FAILURE, {"the_id": id})


def count_failures(connection: Connection, name_digest: str, since: datetime) -> tuple[int, datetime | None]:
    """The number of wrong passwords for a name since a time, and when the first was."""
    row = connection.execute(_FAILURES, {"name_digest": name_digest, "since": since}).one()
    return row[0], row[1]


# --- signing in at the provider ----------------------------------------------------------------------------------


def add_arrival(connection: Connection, arrival: Arrival, forget_before: datetime) -> None:
    """Stores a sign-in at the provider, and deletes those before `forget_before`."""
    connection.execute(_FORGET_ARRIVALS, {"before": forget_before})
    connection.execute(_FORGET_ARRIVAL, {"the_digest": arrival.digest})
    connection.execute(
        _INSERT_ARRIVAL,
        {
            "digest": arrival.digest,
            "secrets": seal(dict(arrival.secrets)),
            "back": arrival.back,
            "created_at": arrival.created_at,
        },
    )


def take_arrival(connection: Connection, digest: str) -> Arrival | None:
    """The sign-in at the provider with a digest, deleted as it is read; or None."""
    row = connection.execute(_ARRIVAL, {"digest": digest}).first()
    if row is None or connection.execute(_FORGET_ARRIVAL, {"the_digest": digest}).rowcount != 1:
        return None
    return Arrival(row.digest, unseal(row.secrets), row.back, row.created_at)


def _first(connection: Connection, statement: Any, values: Mapping[str, Any]) -> Account | None:
    row = connection.execute(statement, values).first()
    return _account(row) if row is not None else None


def _account(row: Any) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        printed_name=row.printed_name,
        password=row.password,
        subject=row.subject,
        roles=frozenset(row.roles.split()),
        functions=frozenset(row.functions.split()),
        locales=frozenset(row.locales.split()),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        email=row.email,
        digest_off_at=row.digest_off_at,
    )


def _joined(words: frozenset[str]) -> str:
    return " ".join(sorted(words))
