"""The queue of letters, and the codes that verify contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "letters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text()),
        sa.Column("payload", sa.LargeBinary()),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_letters_message"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_letters_person"),
        sa.UniqueConstraint("message", name="uq_letters_message"),
        sqlite_strict=True,
    )
    op.create_index("ix_letters_status_queued_at", "letters", ["status", "queued_at"])
    op.create_index("ix_letters_person_status", "letters", ["person", "status"])
    op.create_index("ix_letters_batch", "letters", ["batch"])
    op.create_table(
        "contact_codes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("digest", sa.Text()),
        sa.Column("drawn_at", INSTANT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_contact_codes"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_contact_codes_person"),
        sqlite_strict=True,
    )
    op.create_index("ix_contact_codes_address_digest_requested_at", "contact_codes", ["address_digest", "requested_at"])
    op.create_index("ix_contact_codes_person_requested_at", "contact_codes", ["person", "requested_at"])
    op.create_index("ix_contact_codes_contact_drawn_at", "contact_codes", ["contact", "drawn_at"])


def downgrade() -> None:
    """Drops them, with the letters that are not posted."""
    op.drop_table("contact_codes")
    op.drop_table("letters")
