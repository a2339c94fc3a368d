"""SQL of drafts, and of the messages that were sent for them. It decrypts nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from service.platform.database.tables import registration_drafts as drafts
from service.platform.database.tables import registration_sends as sends


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as it is stored: the digest of its secret, what is encrypted, and when it was begun and finished, UTC."""

    digest: str
    payload: bytes
    created_at: datetime
    finished_at: datetime | None = None


_FIND = select(drafts).where(drafts.c.digest == bindparam("digest"))
_LOCK = _FIND.with_for_update()
_INSERT = insert(drafts)
_UPDATE = (
    update(drafts)
    .where(drafts.c.digest == bindparam("the_digest"))
    .values(payload=bindparam("payload"), finished_at=bindparam("finished_at"))
)
_DELETE = delete(drafts).where(drafts.c.digest == bindparam("digest"))
_FORGET = delete(drafts).where(drafts.c.created_at <= bindparam("before"))
_HAS_OLD = select(drafts.c.digest).where(drafts.c.created_at <= bindparam("before")).limit(1)
_TIMES = select(sends.c.sent_at).where(
    sends.c.address_digest == bindparam("digest"), sends.c.sent_at > bindparam("since")
)
_INSERT_SEND = insert(sends)
_FORGET_SENDS = delete(sends).where(sends.c.sent_at <= bindparam("before"))
_COUNT = select(func.count()).select_from(drafts)


def find_draft(connection: Connection, digest: str, *, lock: bool = False) -> StoredDraft | None:
    """A draft by the digest of its secret, or None; `lock`: no other transaction changes it before this one ends."""
    row = connection.execute(_LOCK if lock else _FIND, {"digest": digest}).first()
    return StoredDraft(row.digest, row.payload, row.created_at, row.finished_at) if row is not None else None


def add_draft(connection: Connection, draft: StoredDraft) -> None:
    """Stores a new draft."""
    values: dict[str, Any] = {"digest": draft.digest, "payload": draft.payload, "created_at": draft.created_at}
    connection.execute(_INSERT, values)


def update_draft(connection: Connection, draft: StoredDraft) -> None:
    """Stores what has changed of a draft."""
    values = {"the_digest": draft.digest, "payload": draft.payload, "finished_at": draft.finished_at}
    connection.execute(_UPDATE, values)


def delete_draft(connection: Connection, digest: str) -> None:
    """Deletes a draft, if it is there."""
    connection.execute(_DELETE, {"digest": digest})


def has_old_drafts(connection: Connection, before: datetime) -> bool:
    """Whether there are drafts begun at an instant or before."""
    return connection.execute(_HAS_OLD, {"before": before}).first() is not None


def forget_drafts(connection: Connection, before: datetime) -> int:
    """Deletes drafts begun at an instant or before, finished or not; returns their number."""
    return connection.execute(_FORGET, {"before": before}).rowcount


def count_drafts(connection: Connection) -> int:
    """The number of drafts."""
    return int(connection.execute(_COUNT).scalar_one())


def times_of_sends(connection: Connection, address_digest: str, since: datetime) -> list[datetime]:
    """When something was sent to an address since an instant, UTC."""
    return list(connection.execute(_TIMES, {"digest": address_digest, "since": since}).scalars())


def add_send(connection: Connection, send: str, address_digest: str, now: datetime) -> None:
    """Stores that something is sent to an address."""
    connection.execute(_INSERT_SEND, {"id": send, "address_digest": address_digest, "sent_at": now})


def forget_sends(connection: Connection, before: datetime) -> None:
    """Deletes what was sent at an instant or before."""
    connection.execute(_FORGET_SENDS, {"before": before})
