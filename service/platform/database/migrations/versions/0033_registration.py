"""Drafts of registrations, and the messages that were sent for them."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "registration_drafts",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("digest", name="pk_registration_drafts"),
        sqlite_strict=True,
    )
    op.create_index("ix_registration_drafts_created_at", "registration_drafts", ["created_at"])
    op.create_table(
        "registration_sends",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registration_sends"),
        sqlite_strict=True,
    )
    op.create_index("ix_registration_sends_address_digest_sent_at", "registration_sends", ["address_digest", "sent_at"])
    op.create_index("ix_registration_sends_sent_at", "registration_sends", ["sent_at"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("registration_sends")
    op.drop_table("registration_drafts")
