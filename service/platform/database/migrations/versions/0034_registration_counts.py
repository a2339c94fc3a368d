"""Counters of where people leave a registration."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

KEY = ("journey", "programme", "form", "style", "locale", "question", "day", "kind")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "registration_counts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in KEY),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_registration_counts"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("registration_counts")
