"""Answers to what persons write are messages, so their words no longer say that one is due."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Drops the column; a confirmation that is still due is too old to be sent."""
    op.drop_column("inbound", "confirmation")


def downgrade() -> None:
    """Adds it again, with no confirmation due."""
    op.add_column("inbound", sa.Column("confirmation", sa.Text()))
