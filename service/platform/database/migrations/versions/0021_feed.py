"""The feed of events, its endpoints, and what was delivered to them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "feed_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_counter"),
        sqlite_strict=True,
    )
    op.create_table(
        "feed_entries",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("withdraws", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_feed_entries"),
        sa.UniqueConstraint("id", name="uq_feed_entries_id"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_feed_entries_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_feed_entries_enrollment_position", "feed_entries", ["enrollment", "position"])
    op.create_table(
        "feed_endpoints",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failing_since", INSTANT),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_endpoints"),
        sqlite_strict=True,
    )
    op.create_table(
        "feed_deliveries",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.PrimaryKeyConstraint("person", "sequence", name="pk_feed_deliveries"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_feed_deliveries_person"),
        sa.ForeignKeyConstraint(["endpoint"], ["feed_endpoints.id"], name="fk_feed_deliveries_endpoint"),
        sqlite_strict=True,
    )
    op.create_index("ix_feed_deliveries_entry", "feed_deliveries", ["entry"])


def downgrade() -> None:
    """Drops them, with the record of what was delivered."""
    for table in ("feed_deliveries", "feed_endpoints", "feed_entries", "feed_counter"):
        op.drop_table(table)
