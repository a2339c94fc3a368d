"""Who minted a token, and the enrollments that bind it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Adds the columns; earlier tokens have no minter, and stay valid for all enrollments of their patient."""
    op.add_column("tokens", sa.Column("minted_by", sa.Text(), nullable=True))
    op.add_column("tokens", sa.Column("enrollments", sa.Text(), nullable=True))
    op.create_index("ix_tokens_minted_by", "tokens", ["minted_by"])


def downgrade() -> None:
    """Revokes the tokens that enrollments bind, which the earlier version would not limit, and drops the columns."""
    op.execute("UPDATE tokens SET revoked_at = created_at WHERE enrollments IS NOT NULL AND revoked_at IS NULL")
    op.drop_index("ix_tokens_minted_by", "tokens")
    op.drop_column("tokens", "enrollments")
    op.drop_column("tokens", "minted_by")
