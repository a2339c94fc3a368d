"""Accounts of staff: added, disabled, signed in and out, confirmed before a signature. It renders no page.

Signing in takes equally long and fails with the same error for an unknown name and for a wrong password.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.primitives.errors import Refused
from journeys.primitives.problems import did_you_mean
from journeys.primitives.words import FUNCTIONS
from service.access import passwords
from service.access.caller import OF_ACCOUNT, Caller
from service.access.passwords import digest_of
from service.access.store import accounts
from service.access.store.accounts import Account, Arrival, KeptForm, Session
from service.access.words import ROLES
from service.platform import errors
from service.platform.logs import log
from service.platform.process import Process

#: How a session began; a code is a session that one command ends.
PASSWORD, PROVIDER, CODE = "password", "provider", "code"

NAME_TAKEN = "Another account has this name."
SUBJECT_TAKEN = "Another account has this name at the provider."
#: A session ends after so long without a request, and after so long in all.
IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
#: The last request of a session is stored at most so often.
SEEN_EVERY = timedelta(minutes=1)
#: How long signing in at the provider may take, and how long a confirmation by the provider is valid.
ARRIVAL, CONFIRMATION = timedelta(minutes=10), timedelta(minutes=5)
#: How long a code for the command line is valid.
CODE_LIFETIME = timedelta(minutes=10)
#: How long a form is kept that came after the end of its session.
FORM_LIFETIME = timedelta(hours=1)

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; the browser keeps `text`, which is stored nowhere else."""

    session: Session
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to add, as an administrator gives it.

    `name` is for signing in, `printed_name` is printed beside signatures. `functions` and `locales` are those in which
    a reviewer signs. Either `password` or `subject`, the name of the account at the organisation's provider, is given.
    """

    name: str
    printed_name: str
    roles: Collection[str]
    functions: Collection[str] = ()
    locales: Collection[str] = ()
    password: str | None = None
    subject: str | None = None


def add_account(process: Process, new: NewAccount) -> Account:
    """The account that was added.

    Raises:
        Refused: a field has a value that is not accepted.
    """
    problems = _problems_of(new)
    if problems:
        raise Refused(problems)
    account = Account(
        id=process.new_id(),
        name=new.name,
        printed_name=new.printed_name.strip(),
        password=passwords.hash_password(process, new.password) if new.password is not None else None,
        subject=new.subject,
        roles=frozenset(new.roles),
        functions=frozenset(new.functions),
        locales=frozenset(new.locales),
        created_at=process.clock(),
        disabled_at=None,
    )
    with process.database.writing() as connection:
        if accounts.find_by_name(connection, new.name) is not None:
            raise Refused({"name": [NAME_TAKEN]})
        if new.subject is not None and accounts.find_by_subject(connection, new.subject) is not None:
            raise Refused({"subject": [SUBJECT_TAKEN]})
        accounts.add(connection, account)
    return account


def _problems_of(new: NewAccount) -> dict[str, list[str]]:
    """The problems of a new account by field."""
    from journeys.primitives.locales import read_tag  # the registry of languages takes a while

    problems: dict[str, list[str]] = {}
    if not _NAME.fullmatch(new.name):
        problems["name"] = [
            "A name has 1 to 100 lower-case letters, digits and . _ @ + -, and begins with a letter or a digit."
        ]
    if not 1 <= len(new.printed_name.strip()) <= 100 or not new.printed_name.isprintable():
        problems["printed_name"] = ["A printed name has 1 to 100 printable characters."]
    problems |= _unknown("roles", new.roles, ROLES) | _unknown("functions", new.functions, FUNCTIONS)
    if not new.roles:
        problems["roles"] = [f"Give at least one of these roles: {', '.join(ROLES)}."]
    if not all(read_tag(locale) == locale for locale in new.locales):
        problems["locales"] = ["Write languages as language tags such as 'en' or 'es-MX'."]
    if "reviewer" in new.roles and not (new.functions and new.locales):
        text = "A reviewer needs at least one function (medical, legal, regulatory) and at least one language."
        problems.setdefault("functions", [text])
    return problems | _problems_of_sign_in(new)


def _problems_of_sign_in(new: NewAccount) -> dict[str, list[str]]:
    password, subject = new.password, new.subject
    if (password is None) == (subject is None):
        return {"password": ["Give either a password or the name of the account at the organisation's provider."]}
    password_problems = passwords.problems_of(password, (new.name, new.printed_name)) if password is not None else []
    if password_problems:
        return {"password": password_problems}
    if subject is not None and (not 1 <= len(subject) <= 200 or not subject.isprintable()):
        return {"subject": ["A name at the provider has 1 to 200 printable characters."]}
    return {}


def list_accounts(process: Process) -> list[Account]:
    """Every account, by name."""
    with process.database.reading() as connection:
        return accounts.list_all(connection)


def caller_of(account: Account) -> Caller:
    """The caller that a member of a care team is: staff, whose reporter names the account by its random id."""
    return Caller(account.id, f"{OF_ACCOUNT}{account.id}", frozenset({"staff"}), "staff")


def disable_account(process: Process, name: str) -> bool:
    """Disables an account and ends its sessions at once; false where no enabled account has this name."""
    with process.database.writing() as connection:
        account = accounts.find_by_name(connection, name)
        return account is not None and accounts.disable(connection, account.id, process.clock())


def change_password(process: Process, session: Session, old: str, new: str) -> None:
    """Stores another password for the account of a session and ends all its sessions.

    Raises:
        Refused: the new password is not accepted.
        WrongPassword, SignInTooOften: the old password is wrong, or was wrong too often.
        SignInBusy: too many passwords are being checked.
    """
    account = session.account
    if account.password is None:
        raise Refused({"new": ["This account signs in at the organisation's provider and has no password here."]})
    passwords.require_password(process, account.name, account, old)
    problems = passwords.problems_of(new, (account.name, account.printed_name))
    if problems:
        raise Refused({"new": problems})
    hashed = passwords.hash_password(process, new)
    with process.database.writing() as connection:
        accounts.set_password(connection, session.account.id, hashed)
        accounts.end_sessions(connection, session.account.id, process.clock())
    log().info("password changed", account=session.account.id)


# --- signing in and out ------------------------------------------------------------------------------------------


def sign_in(process: Process, name: str, password: str, earlier: str | None = None) -> SignedIn:
    """A new session for a name and its password; `earlier` is the secret of the session before in the same browser.

    Raises:
        WrongPassword: the name or the password is wrong; the two are not told apart.
        SignInTooOften: the password was wrong too often.
        SignInBusy: too many passwords are being checked.
    """
    account = passwords.require_password(process, name, _find(process, name), password)
    return _begin(process, account, PASSWORD, earlier)


def authenticate(process: Process, name: str, secret: str) -> Account:
    """The account of a name, for one command: by its password, or by a code that its session made.

    Raises:
        WrongPassword, SignInTooOften, SignInBusy: as for signing in; a code is unknown, used or too old.
    """
    account = _find(process, name)
    if account is not None and account.subject is not None and account.disabled_at is None:
        now = process.clock()
        with process.database.writing() as connection:
            is_taken = accounts.take_code(connection, digest_of(secret), account.id, now, now - CODE_LIFETIME)
        if is_taken:
            log().info("signed in", account=account.id, way=CODE)
            return account
    authenticated = passwords.require_password(process, name, account, secret)
    log().info("signed in", account=authenticated.id, way=PASSWORD)
    return authenticated


def make_code(process: Process, session: Session) -> str:
    """A code with which the account of a session acts in one command; the sender was identified before.

    Raises:
        Refused: the account has a password, which it uses instead.
    """
    if session.account.subject is None:
        raise Refused({"code": ["This account has a password; use it at the command line."]})
    return _begin(process, session.account, CODE).text


def _find(process: Process, name: str) -> Account | None:
    if not _NAME.fullmatch(name):
        return None
    with process.database.reading() as connection:
        return accounts.find_by_name(connection, name)


def sign_in_as(process: Process, subject: str, earlier: str | None = None) -> SignedIn:
    """A new session for a person whom the provider has recognised; `earlier` as in `sign_in`.

    Raises:
        NoAccount: no account has this name at the provider, or it is disabled.
    """
    with process.database.reading() as connection:
        account = accounts.find_by_subject(connection, subject)
    if account is None or account.disabled_at is not None:
        log().warning("sign-in refused", why="no account")
        raise errors.NoAccount
    return _begin(process, account, PROVIDER, earlier)


def resume(process: Process, text: str) -> Session:
    """The session of a browser; read from the database every time, so that ending it works at once.

    Raises:
        NotSignedIn: the session is unknown, ended or too old, or the account is disabled; these are not told apart.
    """
    now = process.clock()
    with process.database.reading() as connection:
        session = accounts.find_session(connection, digest_of(text))
    if session is None or session.account.disabled_at is not None or session.method == CODE:
        raise errors.NotSignedIn
    if abs(now - session.seen_at) >= IDLE or now >= session.created_at + LONGEST:  # a clock may have been moved back
        raise errors.NotSignedIn
    if now >= session.seen_at + SEEN_EVERY:
        with process.database.writing() as connection:
            accounts.note(connection, session.digest, seen_at=now)
    return session


def keep_form(process: Process, text: str, form: KeptForm) -> bool:
    """Stores a form that came after its session had ended by idleness, for the account of this session alone.

    False where nobody's session ended so: it is unknown, was signed out, or its account is disabled.
    """
    now = process.clock()
    with process.database.writing() as connection:
        session = accounts.find_session(connection, digest_of(text))
        if session is None or session.account.disabled_at is not None or session.method == CODE:
            return False
        accounts.forget_forms(connection, now - FORM_LIFETIME)
        accounts.keep_form(connection, session.digest, form, now)
        return True


def take_form(process: Process, session: Session, address: str) -> KeptForm | None:
    """The form of a page that came before its account signed in again; it is deleted, and given out once."""
    if not session.has_form:
        return None
    now = process.clock()
    with process.database.writing() as connection:
        form = accounts.kept_form(connection, session.digest, session.account.id, now - FORM_LIFETIME)
        if form is None or form.address != address:
            return None
        accounts.keep_form(connection, session.digest, None, now)
        return form


def _hand_on_form(connection: Connection, earlier: str, session: Session, now: datetime) -> None:
    """Moves the form of an earlier session to the next session of the same account."""
    form = accounts.kept_form(connection, earlier, session.account.id, now - FORM_LIFETIME)
    if form is not None:
        accounts.keep_form(connection, earlier, None, now)
        accounts.keep_form(connection, session.digest, form, now)


def sign_out(process: Process, session: Session) -> None:
    """Ends a session."""
    with process.database.writing() as connection:
        accounts.end_session(connection, session.digest, process.clock())


# --- before a signature ------------------------------------------------------------------------------------------


def identify(process: Process, session: Session, name: str, password: str) -> None:
    """Confirms that the person who acts is the one who signed in (21 CFR 11.200), and stores the first such act.

    The first act of a session (a signature, a rejection, an activation, …) needs name and password, each later one the
    password. An account of the provider needs a confirmation by the provider, which is used up by one act.

    Raises:
        WrongPassword, SignInTooOften: the name or the password is wrong, or was wrong too often.
        SignInBusy: too many passwords are being checked.
        NotConfirmed: the provider has not confirmed the person.
    """
    account = session.account
    if session.method == PROVIDER:
        since = process.clock() - CONFIRMATION
        with process.database.writing() as connection:
            if not accounts.take_confirmation(connection, session.digest, since):
                raise errors.NotConfirmed
        return
    is_theirs = session.signed_at is not None or name.strip().lower() == account.name
    passwords.require_password(process, account.name, account, password if is_theirs else "")
    if session.signed_at is None:
        with process.database.writing() as connection:
            accounts.note(connection, session.digest, signed_at=process.clock())


def is_confirmed(process: Process, session: Session) -> bool:
    """Whether the provider has confirmed the signer recently, and nothing was signed since."""
    return session.confirmed_at is not None and session.confirmed_at >= process.clock() - CONFIRMATION


def confirm(process: Process, session: Session, subject: str) -> None:
    """Stores that the provider has just confirmed the person of a session.

    Raises:
        NoAccount: the provider recognised another person.
    """
    if session.account.subject != subject:
        raise errors.NoAccount
    with process.database.writing() as connection:
        accounts.note(connection, session.digest, confirmed_at=process.clock())


# --- signing in at the provider ----------------------------------------------------------------------------------


def leave(process: Process, browser: str, secrets: Mapping[str, str], back: str) -> None:
    """Stores the secrets of a sign-in at the provider until the browser comes back."""
    now = process.clock()
    with process.database.writing() as connection:
        accounts.add_arrival(connection, Arrival(digest_of(browser), secrets, back, now), now - ARRIVAL)


def arrive(process: Process, browser: str) -> Arrival:
    """The sign-in at the provider that a browser comes back from; it can be read once.

    Raises:
        NotSignedIn: no sign-in was begun in this browser, or too long ago.
    """
    with process.database.writing() as connection:
        arrival = accounts.take_arrival(connection, digest_of(browser))
    if arrival is None or process.clock() >= arrival.created_at + ARRIVAL:
        raise errors.NotSignedIn
    return arrival


def _begin(process: Process, account: Account, method: str, earlier: str | None = None) -> SignedIn:
    now = process.clock()
    text = process.new_secret()
    session = Session(
        digest=digest_of(text),
        account=account,
        method=method,
        created_at=now,
        seen_at=now,
        confirmed_at=None,
        signed_at=None,
    )
    with process.database.writing() as connection:
        accounts.add_session(connection, session)
        if earlier is not None:
            _hand_on_form(connection, digest_of(earlier), session, now)
        accounts.forget_forms(connection, now - FORM_LIFETIME)
    log().info("signed in", account=account.id, way=method)
    return SignedIn(session, text)


def _unknown(field: str, words: Collection[str], accepted: tuple[str, ...]) -> dict[str, list[str]]:
    unknown = sorted(set(words) - set(accepted))
    return {field: [f"Unknown value '{unknown[0][:80]}'.{did_you_mean(unknown[0], accepted)}"]} if unknown else {}


def author_of(account: Account) -> str:
    """Return the name under which an account publishes, or submits again, and whose own work it may not sign.

    Raises:
        NotPermitted: the account is neither an author's nor a publisher's.
    """
    if not account.roles & {"author", "publisher"}:
        raise errors.NotPermitted(f"This needs the role author or publisher; '{account.name}' has neither.")
    return account.name
