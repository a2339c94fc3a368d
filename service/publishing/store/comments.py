"""Comments on sentences of pieces in the database, and what became of them; rows are added and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select

from service.platform.database.tables import accounts, comment_steps, comments

CommentStepKind = Literal["answered", "resolved", "reopened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentStep:
    """An answer to a comment, or its end, or that it was opened again. The `text` of an answer is not empty.

    `account` is the id of the account.
    """

    kind: CommentStepKind
    text: str
    account: str
    printed_name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a sentence as it read then, with its steps in order; without `sentence`, on the whole text.

    `account` is the id of the account.
    """

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
    steps: tuple[CommentStep, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it was not resolved, or was opened again."""
        return next((step.kind for step in reversed(self.steps) if step.kind != "answered"), "reopened") == "reopened"

    @property
    def last_at(self) -> datetime:
        """The instant of the last step, or of the comment itself."""
        return self.steps[-1].at if self.steps else self.created_at

    @property
    def last_account(self) -> str:
        """The id of the account that made the last step, or the comment."""
        return self.steps[-1].account if self.steps else self.account

    @property
    def accounts(self) -> frozenset[str]:
        """The ids of all accounts that took part."""
        return frozenset((self.account, *(step.account for step in self.steps)))


_INSERT = insert(comments)
_INSERT_STEP = insert(comment_steps)
_ALL = select(comments, accounts.c.printed_name).join(accounts, accounts.c.id == comments.c.account)
_IN_ORDER = _ALL.order_by(comments.c.created_at, comments.c.id)
_OF_JOURNEY = _IN_ORDER.where(comments.c.journey == bindparam("journey"))
_OF_PIECE = _OF_JOURNEY.where(comments.c.piece == bindparam("piece"))
_OF_ID = _ALL.where(comments.c.id == bindparam("id")).with_for_update(of=comments)
_STEPS = (
    select(comment_steps, accounts.c.printed_name)
    .join(accounts, accounts.c.id == comment_steps.c.account)
    .order_by(comment_steps.c.comment, comment_steps.c.sequence)
)
_STEPS_OF_JOURNEY = _STEPS.join(comments, comments.c.id == comment_steps.c.comment).where(
    comments.c.journey == bindparam("journey")
)
_STEPS_OF_ID = _STEPS.where(comment_steps.c.comment == bindparam("id"))
_LAST_SEQUENCE = select(func.coalesce(func.max(comment_steps.c.sequence), 0)).where(
    comment_steps.c.comment == bindparam("id")
)


def add(connection: Connection, comment: Comment) -> None:
    """Store a new comment."""
    names = [column.name for column in comments.columns]
    connection.execute(_INSERT, {name: getattr(comment, name) for name in names})


def find_locked(connection: Connection, id: str) -> Comment | None:
    """Return a comment by its id, or None; nobody else adds a step to it in this transaction."""
    row = connection.execute(_OF_ID, {"id": id}).mappings().first()
    return _with_steps([row], connection.execute(_STEPS_OF_ID, {"id": id}))[0] if row is not None else None


def add_step(connection: Connection, id: str, step: CommentStep) -> None:
    """Store a step of a comment that is locked."""
    sequence = connection.execute(_LAST_SEQUENCE, {"id": id}).scalar_one() + 1
    connection.execute(
        _INSERT_STEP,
        {
            "comment": id,
            "sequence": sequence,
            "step": step.kind,
            "text": step.text,
            "account": step.account,
            "at": step.at,
        },
    )


def list_of_piece(connection: Connection, journey: str, piece: str) -> list[Comment]:
    """Return all comments on a piece, in all its versions, in order."""
    return _list(connection, _OF_PIECE, {"journey": journey, "piece": piece})


def list_of_journey(connection: Connection, journey: str) -> list[Comment]:
    """Return all comments on the pieces of a journey, in order."""
    return _list(connection, _OF_JOURNEY, {"journey": journey})


def _list(connection: Connection, statement: Select[Any], values: Mapping[str, str]) -> list[Comment]:
    rows = connection.execute(statement, values).mappings().all()
    return _with_steps(rows, connection.execute(_STEPS_OF_JOURNEY, {"journey": values["journey"]})) if rows else []


def _with_steps(rows: Iterable[Mapping[Any, Any]], step_rows: Iterable[Row[Any]]) -> list[Comment]:
    steps: dict[str, list[CommentStep]] = {}
    for row in step_rows:
        step = CommentStep(kind=row.step, text=row.text, account=row.account, printed_name=row.printed_name, at=row.at)
        steps.setdefault(row.comment, []).append(step)
    return [Comment(**row, steps=tuple(steps.get(row["id"], ()))) for row in rows]
