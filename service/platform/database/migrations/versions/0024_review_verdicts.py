"""What reviewers decided on the texts of binders that are not signed yet."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
KEY = ("account", "journey", "subject", "key", "locale", "function")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "review_verdicts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in KEY),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "verdict", "comment", "checklist")),
        sa.Column("read_at", INSTANT),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_review_verdicts"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drops it; signatures stay."""
    op.drop_table("review_verdicts")
