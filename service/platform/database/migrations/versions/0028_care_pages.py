"""Who has taken a task on, and the form that came after the end of a session."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Adds the columns; nobody has taken the tasks so far."""
    op.add_column("tasks", sa.Column("claimed_by", sa.Text()))
    op.add_column("account_sessions", sa.Column("kept", sa.LargeBinary()))
    op.add_column("account_sessions", sa.Column("kept_at", INSTANT))
    op.create_index("ix_account_sessions_kept_at", "account_sessions", ["kept_at"])


def downgrade() -> None:
    """Drops them."""
    op.drop_index("ix_account_sessions_kept_at", "account_sessions")
    op.drop_column("account_sessions", "kept_at")
    op.drop_column("account_sessions", "kept")
    op.drop_column("tasks", "claimed_by")
