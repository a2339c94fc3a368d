"""Comments on sentences of pieces in the database; they are added and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from service.platform.database.tables import accounts, comments


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a sentence as it read then; where `sentence` is empty, on the whole text."""

    id: str
    journey: str
    piece: str
    version: str
    locale: str
    sentence: str
    text: str
    account: str
    printed_name: str
    created_at: datetime


_INSERT = insert(comments)
_OF_PIECE = (
    select(comments, accounts.c.printed_name)
    .join(accounts, accounts.c.id == comments.c.account)
    .where(comments.c.journey == bindparam("journey"), comments.c.piece == bindparam("piece"))
    .order_by(comments.c.created_at, comments.c.id)
)
_COUNTS = (
    select(comments.c.piece, func.count()).where(comments.c.journey == bindparam("journey")).group_by(comments.c.piece)
)


def add(connection: Connection, comment: Comment) -> None:
    """Store a comment."""
    values = {name: getattr(comment, name) for name in Comment.__slots__ if name != "printed_name"}
    connection.execute(_INSERT, values)


def list_of_piece(connection: Connection, journey: str, piece: str) -> list[Comment]:
    """Return all comments on a piece, in all its versions, in order."""
    rows = connection.execute(_OF_PIECE, {"journey": journey, "piece": piece}).mappings()
    return [Comment(**row) for row in rows]


def counts(connection: Connection, journey: str) -> Mapping[str, int]:
    """Return the number of comments on each piece of a journey, by key."""
    return {row[0]: row[1] for row in connection.execute(_COUNTS, {"journey": journey})}
