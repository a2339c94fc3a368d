"""The clock of sandboxes, by which they are told from real enrollments."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

INDEXES = (["id", "revision", "journey"], ["current_release"])
ENDED = (
    "UPDATE tasks SET status = 'moot' WHERE status = 'open'"
    " AND enrollment IN (SELECT id FROM enrollments WHERE clock IS NOT NULL)",
    "UPDATE reminders SET status = 'cleared' WHERE status = 'pending'"
    " AND enrollment IN (SELECT id FROM enrollments WHERE clock IS NOT NULL)",
    "DELETE FROM contacts WHERE person IN (SELECT person FROM enrollments WHERE clock IS NOT NULL)",
    "UPDATE enrollments SET ended = 1 WHERE clock IS NOT NULL",
)


def upgrade() -> None:
    """Adds the column, to two indexes too, so that they still answer alone; every enrollment so far is real."""
    op.add_column("enrollments", sa.Column("clock", INSTANT))
    for columns in INDEXES:
        op.drop_index(_name(columns), "enrollments")
        op.create_index(_name([*columns, "clock"]), "enrollments", [*columns, "clock"])


def downgrade() -> None:
    """Drops the column. The earlier version takes sandboxes for patients: they end, and nothing reaches anybody."""
    for statement in ENDED:
        op.execute(statement)
    for columns in INDEXES:
        op.drop_index(_name([*columns, "clock"]), "enrollments")
        op.create_index(_name(columns), "enrollments", columns)
    op.drop_column("enrollments", "clock")


def _name(columns: list[str]) -> str:
    return "_".join(["ix_enrollments", *columns])
