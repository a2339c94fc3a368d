"""Receipts of providers, and the words of persons."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "receipts",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_receipts"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_receipts_message"),
        sqlite_strict=True,
    )
    op.create_index("ix_receipts_message", "receipts", ["message"])
    op.create_index("ix_receipts_contact", "receipts", ["contact"])
    op.create_table(
        "inbound",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("confirmation", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "contact", name="pk_inbound"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_inbound_person"),
        sa.UniqueConstraint("id", name="uq_inbound_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_inbound_person_id", "inbound", ["person", "id"])


def downgrade() -> None:
    """Drops them, with what providers and persons told."""
    op.drop_table("inbound")
    op.drop_table("receipts")
