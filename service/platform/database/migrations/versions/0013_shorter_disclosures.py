"""Shorter rows of shown content: the beginning of a version's digest, and one key that is the only index."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

_KEY = ("enrollment", "stay", "piece", "version", "locale", "channel")
_KEY_BEFORE = ("enrollment", "piece", "version", "stay", "locale", "channel")

_SHOWN = sa.table("shown", *map(sa.column, (*_KEY, "first_at")))
_COPY = sa.table("shown_before", *map(sa.column, (*_KEY, "first_at")))
_SHORT = sa.func.substr(_SHOWN.c.version, 1, 16)


def upgrade() -> None:
    """Copies the rows; the full digest is that of the published version."""
    _copy(_SHORT)
    op.drop_index("ix_shown_enrollment_stay", table_name="shown")
    _replace(_KEY, with_rowid=False)


def downgrade() -> None:
    """Copies the rows back, with the full digests."""
    _copy(_full_version())
    _replace(_KEY_BEFORE, with_rowid=True)
    op.create_index("ix_shown_enrollment_stay", "shown", ["enrollment", "stay"], unique=False)


def _full_version() -> sa.ColumnElement[str]:
    """The full digest of the published version that begins like a row, else the digest of the row."""
    pieces = sa.table("pieces", *map(sa.column, ("journey", "key", "version")))
    enrollments = sa.table("enrollments", *map(sa.column, ("id", "journey")))
    beginning = (
        sa.select(sa.func.min(pieces.c.version))
        .select_from(pieces.join(enrollments, enrollments.c.journey == pieces.c.journey))
        .where(
            enrollments.c.id == _SHOWN.c.enrollment,
            pieces.c.key == _SHOWN.c.piece,
            sa.func.substr(pieces.c.version, 1, 16) == _SHOWN.c.version,
        )
        .correlate(_SHOWN)
        .scalar_subquery()
    )
    return sa.func.coalesce(beginning, _SHOWN.c.version)


def _copy(version: sa.ColumnElement[str]) -> None:
    op.create_table("shown_before", *_columns(_KEY))
    rows = sa.select(*(version if name == "version" else _SHOWN.c[name] for name in (*_KEY, "first_at")))
    op.execute(_COPY.insert().from_select([*_KEY, "first_at"], rows))


def _replace(key: tuple[str, ...], *, with_rowid: bool) -> None:
    op.drop_table("shown")
    op.create_table(
        "shown",
        *_columns(key),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_shown_enrollment"),
        sa.PrimaryKeyConstraint(*key, name="pk_shown"),
        sqlite_strict=True,
        sqlite_with_rowid=with_rowid,
    )
    op.execute(
        _SHOWN.insert().from_select([*key, "first_at"], sa.select(*(_COPY.c[name] for name in (*key, "first_at"))))
    )
    op.drop_table("shown_before")


def _columns(key: tuple[str, ...]) -> list[sa.Column[Any]]:
    return [
        *(sa.Column(name, sa.Text(), nullable=False) for name in key),
        sa.Column("first_at", INSTANT, nullable=False),
    ]
