"""Shorter rows of shown content: the beginning of a version's digest, and one key that is the only index."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

_KEY = ("enrollment", "stay", "piece", "version", "locale", "channel")
_KEY_BEFORE = ("enrollment", "piece", "version", "stay", "locale", "channel")
_SHORT = "substr(version, 1, 16)"
#: The version that begins so; what is not the beginning of one stays as it is.
_WHOLE = """coalesce((
    SELECT min(pieces.version) FROM pieces JOIN enrollments ON enrollments.journey = pieces.journey
    WHERE enrollments.id = shown.enrollment AND pieces.key = shown.piece
    AND substr(pieces.version, 1, 16) = shown.version
), shown.version)"""


def upgrade() -> None:
    """Copies the rows; the full digest is that of the published version."""
    _copy(_SHORT)
    op.drop_index("ix_shown_enrollment_stay", table_name="shown")
    _replace(_KEY, with_rowid=False)


def downgrade() -> None:
    """Copies the rows back, with the full digests."""
    _copy(_WHOLE)
    _replace(_KEY_BEFORE, with_rowid=True)
    op.create_index("ix_shown_enrollment_stay", "shown", ["enrollment", "stay"], unique=False)


def _copy(version: str) -> None:
    columns = f"enrollment, stay, piece, {version} AS version, locale, channel, first_at"
    op.execute(f"CREATE TABLE shown_before AS SELECT {columns} FROM shown")  # noqa: S608 constants


def _replace(key: tuple[str, ...], *, with_rowid: bool) -> None:
    op.drop_table("shown")
    op.create_table(
        "shown",
        *(sa.Column(name, sa.Text(), nullable=False) for name in key),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_shown_enrollment"),
        sa.PrimaryKeyConstraint(*key, name="pk_shown"),
        sqlite_strict=True,
        sqlite_with_rowid=with_rowid,
    )
    columns = ", ".join((*key, "first_at"))
    op.execute(f"INSERT INTO shown ({columns}) SELECT {columns} FROM shown_before")  # noqa: S608 constants
    op.drop_table("shown_before")
