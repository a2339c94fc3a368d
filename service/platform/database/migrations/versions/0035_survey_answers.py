"""Measured answers to surveys, apart from the log."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "survey_answers",
        sa.Column("event_digest", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_digest", name="pk_survey_answers"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_survey_answers_person_persons"),
        sqlite_strict=True,
    )
    op.create_index("ix_survey_answers_person", "survey_answers", ["person"])
    op.create_index("ix_survey_answers_answered_at", "survey_answers", ["answered_at"])


def downgrade() -> None:
    """Drops it."""
    op.drop_table("survey_answers")
