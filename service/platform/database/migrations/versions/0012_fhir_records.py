"""The records that FHIR bundles bring, so that how a record is cut into bundles changes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables; a record begins with the next bundle."""
    op.create_table(
        "fhir_records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("patient_ref", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text()),
        sa.Column("same_as", sa.Text()),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fhir_records"),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_fhir_records_enrollment"),
        sa.ForeignKeyConstraint(["same_as"], ["fhir_records.id"], name="fk_fhir_records_same_as"),
        sa.UniqueConstraint("journey", "patient_ref", "key", name="uq_fhir_records_journey_patient_ref_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_fhir_records_enrollment", "fhir_records", ["enrollment"])
    op.create_table(
        "fhir_sources",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record", "digest", name="pk_fhir_sources"),
        sa.ForeignKeyConstraint(["record"], ["fhir_records.id"], name="fk_fhir_sources_record"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drops them; the events stay."""
    op.drop_table("fhir_sources")
    op.drop_index("ix_fhir_records_enrollment", table_name="fhir_records")
    op.drop_table("fhir_records")
