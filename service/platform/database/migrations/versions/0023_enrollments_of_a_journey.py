"""An index of the enrollments of a journey, in the order of enrolling."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Makes the index."""
    op.create_index("ix_enrollments_journey_created_at_id", "enrollments", ["journey", "created_at", "id"])


def downgrade() -> None:
    """Drops it."""
    op.drop_index("ix_enrollments_journey_created_at_id", table_name="enrollments")
