"""Shorter rows of shown content: the number of a version instead of its digest, and one key that is the only index."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

_BEFORE = "shown_before"
_COLUMNS = "shown.enrollment, shown.stay, shown.piece, {}, shown.locale, shown.channel, shown.first_at"
_SAME_PIECE = "pieces.journey = enrollments.journey AND pieces.key = shown.piece"


def upgrade() -> None:
    """Copies the rows; each version has had its number since it was published."""
    _copy(has="version", gets="number")
    op.drop_index("ix_shown_enrollment_stay", table_name="shown")
    op.drop_table("shown")
    _create(sa.Column("number", sa.Integer(), autoincrement=False, nullable=False), with_rowid=False)
    _fill("number")


def downgrade() -> None:
    """Copies the rows back."""
    _copy(has="number", gets="version")
    op.drop_table("shown")
    _create(sa.Column("version", sa.Text(), nullable=False), with_rowid=True)
    op.create_index("ix_shown_enrollment_stay", "shown", ["enrollment", "stay"], unique=False)
    _fill("version")


def _copy(*, has: str, gets: str) -> None:
    """Copies the rows with the other name of each version.

    Raises:
        RuntimeError: a row names a version that was never published; the migration is undone, and nothing is lost.
    """
    joined = f"shown JOIN enrollments ON enrollments.id = shown.enrollment JOIN pieces ON {_SAME_PIECE} "
    joined += f"AND pieces.{has} = shown.{has}"
    op.execute(f"CREATE TABLE {_BEFORE} AS SELECT {_COLUMNS.format('pieces.' + gets)} FROM {joined}")  # noqa: S608 constants
    counts = {op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() for table in ("shown", _BEFORE)}  # noqa: S608 constants
    if len(counts) != 1:
        raise RuntimeError("The table 'shown' names a version of a piece that the table 'pieces' does not have.")


def _create(version: sa.Column[Any], *, with_rowid: bool) -> None:
    keys = ("enrollment", "stay", "piece", version.name, "locale", "channel")
    if with_rowid:
        keys = ("enrollment", "piece", version.name, "stay", "locale", "channel")
    columns = {name: sa.Column(name, sa.Text(), nullable=False) for name in keys} | {version.name: version}
    op.create_table(
        "shown",
        *(columns[name] for name in keys),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_shown_enrollment"),
        sa.PrimaryKeyConstraint(*keys, name="pk_shown"),
        sqlite_strict=True,
        sqlite_with_rowid=with_rowid,
    )


def _fill(version: str) -> None:
    columns = f"enrollment, stay, piece, {version}, locale, channel, first_at"
    op.execute(f"INSERT INTO shown ({columns}) SELECT {columns} FROM {_BEFORE}")  # noqa: S608 constants
    op.drop_table(_BEFORE)
