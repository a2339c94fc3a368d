"""Persons, to whom enrollments point: language, time zone, contacts, and the ledger of what they allowed."""

import os

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables and the key; the persons of earlier enrollments are made after it (`journeys db upgrade`)."""
    keys = op.create_table(
        "digest_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digest_keys"),
        sqlite_strict=True,
    )
    op.bulk_insert(keys, [{"id": 1, "key": os.urandom(32)}])
    op.create_table(
        "persons",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference_digest", sa.Text(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("language_from", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text()),
        sa.Column("time_zone_from", sa.Text()),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("preferences", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.UniqueConstraint("reference_digest", name="uq_persons_reference_digest"),
        sqlite_strict=True,
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("person", "channel", "address_digest", name="uq_contacts_person_channel_address_digest"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_contacts_person"),
        sqlite_strict=True,
    )
    op.create_index("ix_contacts_address_digest", "contacts", ["address_digest"])
    op.create_table(
        "permission_entries",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", "sequence", name="pk_permission_entries"),
        sa.UniqueConstraint("id", name="uq_permission_entries_id"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_permission_entries_person"),
        sqlite_strict=True,
    )
    # Alembic would add the reference by itself, which SQLite cannot.
    op.execute(
        "ALTER TABLE enrollments ADD COLUMN person TEXT CONSTRAINT fk_enrollments_person REFERENCES persons (id)"
    )
    op.create_index("ix_enrollments_person", "enrollments", ["person"])


def downgrade() -> None:
    """Drops them, with what persons allowed; the enrollments keep their language and their time zone."""
    op.drop_index("ix_enrollments_person", table_name="enrollments")
    op.drop_column("enrollments", "person")
    for table in ("permission_entries", "contacts", "persons", "digest_keys"):
        op.drop_table(table)
