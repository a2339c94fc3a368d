"""Releases with the version of the engine's rules."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the column; releases published before it keep the rules of that time, so their patients' states stay."""
    op.add_column("releases", sa.Column("rules", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Drops it; patients in releases under later rules would then be folded differently."""
    op.drop_column("releases", "rules")
