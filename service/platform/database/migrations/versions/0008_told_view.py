"""Enrollments know the rules by which they were folded.

`db upgrade` and `serve` fold enrollments of earlier rules again (`service/operations/refold.py`), because the told view
is a fold of its own since.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("enrollments", sa.Column("rules", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_enrollments_rules", "enrollments", ["rules"])


def downgrade() -> None:
    """Drops it: the version before folds no told view again."""
    op.drop_index("ix_enrollments_rules", "enrollments")
    op.drop_column("enrollments", "rules")
