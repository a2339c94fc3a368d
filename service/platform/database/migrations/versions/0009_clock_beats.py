"""The last instant at which a worker was at work, kept when the worker ends: a clock far ahead of it is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the table; the first worker fills it."""
    op.create_table(
        "clock_beats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock_beats"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("clock_beats")
