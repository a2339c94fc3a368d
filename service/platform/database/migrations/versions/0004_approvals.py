"""Approvals: signatures, active releases, authors of publications, tasks about content without approval."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables; active releases stay active, and patients see them once they are signed."""
    op.add_column("publications", sa.Column("author", sa.Text(), nullable=True))
    op.create_table(
        "standings",
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("publication", sa.Integer(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_standings_release"),
        sa.PrimaryKeyConstraint("journey", name="pk_standings"),
        sqlite_strict=True,
    )
    op.create_table(
        "approvals",
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("printed_name", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("journey", "sequence", name="pk_approvals"),
        sqlite_strict=True,
    )
    op.create_table(
        "approval_tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_approval_tasks"),
        sqlite_strict=True,
    )
    op.create_index("ix_approval_tasks_journey_status", "approval_tasks", ["journey", "status"])
    op.execute(
        "INSERT INTO standings (journey, revision, release, publication) "
        "SELECT journey, number, release, number FROM publications AS one "
        "WHERE number = (SELECT max(number) FROM publications WHERE journey = one.journey)"
    )


def downgrade() -> None:
    """Drops them."""
    op.drop_index("ix_approval_tasks_journey_status", "approval_tasks")
    op.drop_table("approval_tasks")
    op.drop_table("approvals")
    op.drop_table("standings")
    op.drop_column("publications", "author")
