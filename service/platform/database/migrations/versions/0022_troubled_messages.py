"""An index of the messages that operators look after: those that failed, and those whose answer was lost."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_TROUBLED = sa.text("status IN ('unknown', 'failed')")


def upgrade() -> None:
    """Makes the index."""
    op.create_index(
        "ix_messages_troubled", "messages", ["status", "ended_at"], sqlite_where=_TROUBLED, postgresql_where=_TROUBLED
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_index("ix_messages_troubled", table_name="messages")
