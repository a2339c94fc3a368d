"""Caregivers of patients, each with a token of their own for one enrollment."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

ENDED = (
    "UPDATE tokens SET revoked_at = created_at WHERE caregiver IS NOT NULL AND revoked_at IS NULL",
    "DELETE FROM contacts WHERE person IN (SELECT person FROM caregivers WHERE person IS NOT NULL)",
)


def upgrade() -> None:
    """Makes the tables, and adds to tokens whose they are."""
    op.create_table(
        "caregivers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("selector_digest", sa.Text()),
        sa.Column("code_digest", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("invited_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT),
        sa.Column("until", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_caregivers"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_caregivers_enrollment"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_caregivers_person"),
        sa.UniqueConstraint("person", name="uq_caregivers_person"),
        sa.UniqueConstraint("selector_digest", name="uq_caregivers_selector_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_caregivers_enrollment", "caregivers", ["enrollment"])
    op.create_index("ix_caregivers_until", "caregivers", ["until"])
    op.create_table(
        "caregiver_changes",
        sa.Column("caregiver", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("caregiver", "number", name="pk_caregiver_changes"),
        sa.ForeignKeyConstraint(["caregiver"], ["caregivers.id"], name="fk_caregiver_changes_caregiver"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_caregiver_changes_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_caregiver_changes_enrollment", "caregiver_changes", ["enrollment"])
    op.create_table(
        "caregiver_shown",
        sa.Column("caregiver", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=False),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(
            *("caregiver", "stay", "piece", "version", "locale", "channel"), name="pk_caregiver_shown"
        ),
        sa.ForeignKeyConstraint(["caregiver"], ["caregivers.id"], name="fk_caregiver_shown_caregiver"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_caregiver_shown_enrollment"),
        sqlite_strict=True,
    )
    op.create_index("ix_caregiver_shown_enrollment", "caregiver_shown", ["enrollment"])
    op.add_column("tokens", sa.Column("caregiver", sa.Text()))
    op.create_index("ix_tokens_caregiver", "tokens", ["caregiver"])


def downgrade() -> None:
    """Drops them. The earlier version would show all to caregivers: their tokens end, and nothing is sent to them."""
    for statement in ENDED:
        op.execute(statement)
    op.drop_index("ix_tokens_caregiver", "tokens")
    op.drop_column("tokens", "caregiver")
    op.drop_table("caregiver_shown")
    op.drop_table("caregiver_changes")
    op.drop_table("caregivers")
