"""Signatures keep which questions of the checklist their signer said yes to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the column; a signature from before was asked nothing, and is worth what it was."""
    op.add_column("approvals", sa.Column("confirmed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drops it; the seals of signatures that had something there are no longer right."""
    op.drop_column("approvals", "confirmed")
