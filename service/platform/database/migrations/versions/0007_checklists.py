"""Signatures with the confirmed questions of the checklist."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the column; earlier signatures have no questions, and stay valid."""
    op.add_column("approvals", sa.Column("confirmed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drops it; the seals of signatures with questions are then wrong."""
    op.drop_column("approvals", "confirmed")
