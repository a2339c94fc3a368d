"""States on the way of each enrollment, from which late events are folded; and an index of events by their time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the table; checkpoints are kept from now on."""
    op.create_table(
        "checkpoints",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("folded_to", INSTANT, nullable=False),
        sa.Column("last_day", sa.Text()),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("enrollment", "folded_to", name="pk_checkpoints"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_checkpoints_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_events_enrollment_occurred_at", "events", ["enrollment", "occurred_at"])


def downgrade() -> None:
    """Drops them; every checkpoint can be folded again."""
    op.drop_index("ix_events_enrollment_occurred_at", table_name="events")
    op.drop_table("checkpoints")
