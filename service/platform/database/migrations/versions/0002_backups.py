"""The times of backups, and an index of the few enrollments whose timers fail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes both."""
    op.create_table(
        "backups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_backups"),
        sqlite_strict=True,
    )
    failing = sa.text("failures > 0")
    op.create_index(
        "ix_enrollments_failing", "enrollments", ["failures"], sqlite_where=failing, postgresql_where=failing
    )


def downgrade() -> None:
    """Drops both."""
    op.drop_index("ix_enrollments_failing", table_name="enrollments")
    op.drop_table("backups")
