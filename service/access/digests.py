"""The daily digest of an account: its address, its switch, and the claim that lets it be sent once a day."""

from __future__ import annotations

from datetime import datetime

from journeys.primitives.errors import Refused
from service.access.store import accounts, digests
from service.access.store.accounts import Account
from service.platform import errors
from service.platform.mailbox import is_mailbox
from service.platform.process import Process


def set_email(process: Process, name: str, email: str | None) -> None:
    """Store the address to which the digest of an account goes; None: it gets no digest.

    Raises:
        Refused: it is not a mail address.
        NotFound: no account has this name.
    """
    if email is not None and not is_mailbox(email):
        raise Refused({"email": ["Write a mail address such as kim@clinic.example, without a name."]})
    with process.database.writing() as connection:
        account = accounts.find_by_name(connection, name)
        if account is None:
            raise errors.NotFound(f"No account has the name '{name[:100]}'.")
        digests.set_email(connection, account.id, email)


def switch_digest(process: Process, account: Account, *, is_on: bool) -> None:
    """Switch the digest of an account on or off."""
    with process.database.writing() as connection:
        digests.set_switch(connection, account.id, None if is_on else process.clock())


def list_recipients(process: Process) -> list[Account]:
    """Return the accounts that want a digest: enabled, with an address, and not switched off; by name."""
    with process.database.reading() as connection:
        return [
            account
            for account in accounts.list_all(connection)
            if account.email is not None and account.digest_off_at is None and account.disabled_at is None
        ]


def list_unclaimed(process: Process, recipients: list[Account], day: str) -> list[tuple[Account, datetime | None]]:
    """Return the accounts whose digest of a day nobody has claimed, each with the instant of the last inbox it got."""
    with process.database.reading() as connection:
        stored = digests.list_all(connection)
    return [
        (account, stored[account.id].told_until if account.id in stored else None)
        for account in recipients
        if account.id not in stored or stored[account.id].day < day
    ]


def claim(process: Process, account: Account, day: str) -> bool:
    """Claim the digest of an account and a day (`2026-07-01`, UTC); false where another worker has."""
    with process.database.writing() as connection:
        return digests.claim(connection, account.id, day)


def give_back(process: Process, account: Account, day: str) -> None:
    """Give a claim back, because the mail server certainly did not take the digest: a later round tries again."""
    with process.database.writing() as connection:
        digests.give_back(connection, account.id, day)


def store_sent(process: Process, account: Account, told_until: datetime) -> None:
    """Store that the inbox of an instant was sent: what came before is not new any more."""
    with process.database.writing() as connection:
        digests.set_told_until(connection, account.id, told_until)
