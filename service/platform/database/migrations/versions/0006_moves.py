"""Migrations of patients from release to release, batch by batch, and the policy of each release."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "release_policies",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("mapping", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("release", name="pk_release_policies"),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_release_policies_release_releases"),
        sqlite_strict=True,
    )
    op.create_table(
        "moves",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("maps", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_moves"),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_moves_release_releases"),
        sa.UniqueConstraint("journey", "number", name="uq_moves_journey_number"),
        sqlite_strict=True,
    )
    op.create_table(
        "move_batches",
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("failed", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("move", "number", name="pk_move_batches"),
        sa.ForeignKeyConstraint(["move"], ["moves.id"], name="fk_move_batches_move_moves"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drops them."""
    op.drop_table("move_batches")
    op.drop_table("moves")
    op.drop_table("release_policies")
