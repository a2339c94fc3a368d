"""Answers to comments, and their ends; mail addresses of accounts, and the digests that go there."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables and the columns."""
    op.create_table(
        "comment_steps",
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("comment", "sequence", name="pk_comment_steps"),
        sa.ForeignKeyConstraint(["comment"], ["comments.id"], name="fk_comment_steps_comment"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_comment_steps_account"),
        sqlite_strict=True,
    )
    op.create_table(
        "account_digests",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("told_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("account", name="pk_account_digests"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_account_digests_account"),
        sqlite_strict=True,
    )
    op.add_column("accounts", sa.Column("email", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("digest_off_at", INSTANT, nullable=True))


def downgrade() -> None:
    """Drops them: every comment is open again and without an answer."""
    op.drop_column("accounts", "digest_off_at")
    op.drop_column("accounts", "email")
    for table in ("account_digests", "comment_steps"):
        op.drop_table(table)
