"""Looks at enrollments that changed, and messages that a piece sends by itself, each once for its occasion."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the table, the column and the indexes."""
    op.create_table(
        "looks",
        sa.Column("looker", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer()),
        sa.Column("next_at", INSTANT),
        sa.PrimaryKeyConstraint("looker", "enrollment", name="pk_looks"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_looks_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_looks_looker_next_at", "looks", ["looker", "next_at"])
    op.create_index("ix_enrollments_id_revision_journey", "enrollments", ["id", "revision", "journey"])
    op.add_column("messages", sa.Column("occasion", sa.Text()))
    op.drop_index("ix_reminders_unsent", "reminders")
    unsent = sa.text("message IS NULL")
    columns = ["status", "opened_at"]
    op.create_index("ix_reminders_unsent", "reminders", columns, sqlite_where=unsent, postgresql_where=unsent)
    op.drop_index("ix_messages_next_at", "messages")
    op.create_index("ix_messages_next_at_id", "messages", ["next_at", "id"])
    op.create_index("ix_messages_occasion", "messages", ["occasion"], unique=True)


def downgrade() -> None:
    """Drops them; messages of pieces that sent themselves stay, as what was sent."""
    op.drop_index("ix_messages_occasion", "messages")
    op.drop_index("ix_messages_next_at_id", "messages")
    op.drop_index("ix_reminders_unsent", "reminders")
    unsent = sa.text("status = 'pending' AND message IS NULL")
    columns = ["opened_at"]
    op.create_index("ix_reminders_unsent", "reminders", columns, sqlite_where=unsent, postgresql_where=unsent)
    op.create_index("ix_messages_next_at", "messages", ["next_at"])
    op.drop_column("messages", "occasion")
    op.drop_index("ix_enrollments_id_revision_journey", "enrollments")
    op.drop_table("looks")
