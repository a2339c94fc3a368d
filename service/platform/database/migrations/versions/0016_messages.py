"""Messages to persons, and the attempts to hand them over."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables; a message is made of each pending reminder when a channel is set up."""
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("due", INSTANT, nullable=False),
        sa.Column("useful_until", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_messages_person"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_messages_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_messages_next_at", "messages", ["next_at"])
    op.create_index("ix_messages_person_status", "messages", ["person", "status"])
    op.create_index("ix_messages_enrollment_id", "messages", ["enrollment", "id"])
    op.create_table(
        "attempts",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("provider_digest", sa.Text()),
        sa.PrimaryKeyConstraint("person", "sequence", name="pk_attempts"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_attempts_person"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_attempts_message"),
        sqlite_strict=True,
    )
    op.create_index("ix_attempts_message", "attempts", ["message"])
    op.create_index("ix_attempts_provider_digest", "attempts", ["provider_digest"])
    op.add_column("reminders", sa.Column("message", sa.Text()))
    unsent = sa.text("status = 'pending' AND message IS NULL")
    op.create_index("ix_reminders_unsent", "reminders", ["opened_at"], sqlite_where=unsent, postgresql_where=unsent)


def downgrade() -> None:
    """Drops them, with the record of what was sent."""
    op.drop_index("ix_reminders_unsent", table_name="reminders")
    op.drop_column("reminders", "message")
    op.drop_table("attempts")
    op.drop_table("messages")
