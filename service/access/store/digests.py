"""SQL of digests: the address and the switch of an account, and the claim of a day; it decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.platform.database.statements import InsertIgnoring
from service.platform.database.tables import account_digests, accounts


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """The last day that was claimed (empty: it was given back), and the instant of the last inbox that was sent."""

    day: str
    told_until: datetime | None


_ACCOUNT = update(accounts).where(accounts.c.id == bindparam("the_account"))
_ALL = select(account_digests)
_INSERT = InsertIgnoring(account_digests)
_OF_ACCOUNT = update(account_digests).where(account_digests.c.account == bindparam("the_account"))
_CLAIM = _OF_ACCOUNT.where(account_digests.c.day < bindparam("the_day")).values(day=bindparam("the_day"))
_GIVE_BACK = _OF_ACCOUNT.where(account_digests.c.day == bindparam("the_day")).values(day="")


def set_email(connection: Connection, account: str, email: str | None) -> None:
    """Store the mail address of an account."""
    connection.execute(_ACCOUNT.values(email=email), {"the_account": account})


def set_switch(connection: Connection, account: str, off_at: datetime | None) -> None:
    """Store when an account switched its digest off; None: it is on."""
    connection.execute(_ACCOUNT.values(digest_off_at=off_at), {"the_account": account})


def list_all(connection: Connection) -> Mapping[str, StoredDigest]:
    """Return the digests by the id of the account."""
    return {row.account: StoredDigest(row.day, row.told_until) for row in connection.execute(_ALL)}


def claim(connection: Connection, account: str, day: str) -> bool:
    """Claim a day of an account; false where it is claimed, or a later day is. Of several workers one succeeds."""
    _INSERT.run(connection, {"account": account, "day": ""})
    return connection.execute(_CLAIM, {"the_account": account, "the_day": day}).rowcount == 1


def give_back(connection: Connection, account: str, day: str) -> None:
    """Give a claimed day back."""
    connection.execute(_GIVE_BACK, {"the_account": account, "the_day": day})


def set_told_until(connection: Connection, account: str, instant: datetime) -> None:
    """Store the instant of the inbox that was sent."""
    connection.execute(_OF_ACCOUNT.values(told_until=instant), {"the_account": account})
