"""Programmes: their values, the programmes of each publication, and the programme of each enrollment."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the table and the columns."""
    op.create_table(
        "programmes",
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("journey", "key", "version", name="pk_programmes"),
        sqlite_strict=True,
    )
    op.add_column("publications", sa.Column("programmes", sa.LargeBinary(), nullable=True))
    op.add_column("enrollments", sa.Column("programme", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drops them."""
    op.drop_column("enrollments", "programme")
    op.drop_column("publications", "programmes")
    op.drop_table("programmes")
