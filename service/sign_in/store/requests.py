"""SQL of the codes to sign in that were asked for. It decides nothing, and stores no address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.platform.database.statements import Prepared
from service.platform.database.tables import sign_in_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequest:
    """A code to sign in that was asked for.

    Attributes:
        id: random.
        browser: the digest of the cookie of the browser.
        channel, address_digest: the channel, and the keyed digest of the address, whether anybody has it or not.
        requested_at: when, UTC.
        person, code: whose code was made for it, and its id; None: none was.
        tries: how often a code was tried in this browser.
    """

    id: str
    browser: str
    channel: str
    address_digest: str
    requested_at: datetime
    person: str | None = None
    code: str | None = None
    tries: int = 0


_INSERT = Prepared(insert(sign_in_requests))
_LAST = (
    select(sign_in_requests)
    .where(sign_in_requests.c.browser == bindparam("browser"))
    .order_by(sign_in_requests.c.requested_at.desc(), sign_in_requests.c.id.desc())
    .limit(1)
)
_OPEN = (
    select(sign_in_requests)
    .where(sign_in_requests.c.looked_up_at.is_(None))
    .order_by(sign_in_requests.c.requested_at, sign_in_requests.c.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
_HAS_OPEN = Prepared(select(sign_in_requests.c.id).where(sign_in_requests.c.looked_up_at.is_(None)).limit(1))
_TIMES = select(sign_in_requests.c.requested_at).where(sign_in_requests.c.requested_at > bindparam("since"))
_TIMES_OF_ADDRESS = Prepared(_TIMES.where(sign_in_requests.c.address_digest == bindparam("digest")))
_TIMES_OF_BROWSER = Prepared(_TIMES.where(sign_in_requests.c.browser == bindparam("browser")))
_SETTLE = (
    update(sign_in_requests)
    .where(sign_in_requests.c.id == bindparam("the_id"))
    .values(looked_up_at=bindparam("at"), person=bindparam("the_person"), code=bindparam("the_code"))
)
#: A try is counted before the code is compared, so that tries at the same time cannot exceed the limit together.
_TRY = (
    update(sign_in_requests)
    .where(
        sign_in_requests.c.id == bindparam("the_id"),
        sign_in_requests.c.ended_at.is_(None),
        sign_in_requests.c.tries < bindparam("most"),
    )
    .values(tries=sign_in_requests.c.tries + 1)
)
_END = update(sign_in_requests).where(sign_in_requests.c.id == bindparam("the_id")).values(ended_at=bindparam("at"))
_FORGET = delete(sign_in_requests).where(sign_in_requests.c.requested_at < bindparam("before"))


def add_request(connection: Connection, request: SignInRequest) -> None:
    """Stores a new request, which nobody has looked up yet."""
    values = {
        "id": request.id,
        "browser": request.browser,
        "channel": request.channel,
        "address_digest": request.address_digest,
        "requested_at": request.requested_at,
        "tries": 0,
    }
    _INSERT.run(connection, values)


def last_request(connection: Connection, browser: str) -> SignInRequest | None:
    """The last request of a browser, or None where it made none or has signed in by it."""
    row = connection.execute(_LAST, {"browser": browser}).first()
    return _request(row) if row is not None and row.ended_at is None else None


def open_requests(connection: Connection, count: int) -> list[SignInRequest]:
    """Requests that nobody has looked up, oldest first, locked until the transaction ends."""
    return [_request(row) for row in connection.execute(_OPEN, {"count": count})]


def has_open_requests(connection: Connection) -> bool:
    """Whether there are requests that nobody has looked up."""
    return _HAS_OPEN.first(connection, {}) is not None


def times_of_address(connection: Connection, address_digest: str, since: datetime) -> list[datetime]:
    """When codes to sign in were asked for with an address since an instant, UTC."""
    return [row.requested_at for row in _TIMES_OF_ADDRESS.all(connection, {"digest": address_digest, "since": since})]


def times_of_browser(connection: Connection, browser: str, since: datetime) -> list[datetime]:
    """When codes to sign in were asked for in a browser since an instant, UTC."""
    return [row.requested_at for row in _TIMES_OF_BROWSER.all(connection, {"browser": browser, "since": since})]


def settle_request(connection: Connection, request: str, person: str | None, code: str | None, now: datetime) -> None:
    """Stores that a request was looked up, and the code that was made for it, if any."""
    connection.execute(_SETTLE, {"the_id": request, "the_person": person, "the_code": code, "at": now})


def count_try(connection: Connection, request: str, most: int) -> bool:
    """Counts a try; false where the request was used, or tried as often as is accepted."""
    return connection.execute(_TRY, {"the_id": request, "most": most}).rowcount == 1


def end_request(connection: Connection, request: str, now: datetime) -> None:
    """Stores that somebody signed in by a request."""
    connection.execute(_END, {"the_id": request, "at": now})


def forget_requests(connection: Connection, before: datetime) -> None:
    """Deletes the requests before an instant."""
    connection.execute(_FORGET, {"before": before})


def _request(row: Any) -> SignInRequest:
    return SignInRequest(
        id=row.id,
        browser=row.browser,
        channel=row.channel,
        address_digest=row.address_digest,
        requested_at=row.requested_at,
        person=row.person,
        code=row.code,
        tries=row.tries,
    )
