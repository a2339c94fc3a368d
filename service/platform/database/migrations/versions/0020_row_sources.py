"""Sources whose rows become events, and the rows that they sent."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "row_sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("declaration", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_row_sources"),
        sqlite_strict=True,
    )
    op.create_table(
        "row_claims",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_row_claims"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_row_claims_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_row_claims_enrollment", "row_claims", ["enrollment"])


def downgrade() -> None:
    """Drops them; the events of the rows stay."""
    op.drop_table("row_claims")
    op.drop_table("row_sources")
