"""SQL of the ids that sources of rows used. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from service.platform.database.statements import InsertIgnoring
from service.platform.database.tables import row_claims


@dataclass(frozen=True, slots=True)
class RowClaim:
    """The use of an id: keyed digests of the source and its id, and of what the row says, with the enrollment."""

    digest: str
    content: str
    enrollment: str


_INSERT = InsertIgnoring(row_claims)
_AMONG = select(row_claims.c.digest, row_claims.c.content, row_claims.c.enrollment).where(
    row_claims.c.digest.in_(bindparam("digests", expanding=True))
)


def find_claims(connection: Connection, digests: Sequence[str]) -> dict[str, RowClaim]:
    """The claims of some ids, by digest."""
    return {row.digest: RowClaim(*row) for row in connection.execute(_AMONG, {"digests": digests})}


def add_claims(connection: Connection, claims: Sequence[RowClaim], now: datetime) -> None:
    """Stores claims, but none of an id that is claimed already."""
    rows = [
        {"digest": claim.digest, "content": claim.content, "enrollment": claim.enrollment, "received_at": now}
        for claim in sorted(claims, key=lambda claim: claim.digest)  # so that no two processes deadlock
    ]
    _INSERT.run_many(connection, rows)
