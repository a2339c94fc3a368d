"""Logins of patients at providers, and passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "patient_logins",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject_digest", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patient_logins"),
        sa.UniqueConstraint("subject_digest", name="uq_patient_logins_subject_digest"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_patient_logins_person", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_patient_logins_person", "patient_logins", ["person"])
    op.create_table(
        "unlinked_logins",
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject_digest", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("browser", name="pk_unlinked_logins"),
        sqlite_strict=True,
    )
    op.create_index("ix_unlinked_logins_created_at", "unlinked_logins", ["created_at"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("credential_digest", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_digest", name="uq_passkeys_credential_digest"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_passkeys_person", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_passkeys_person", "passkeys", ["person"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("passkeys")
    op.drop_table("unlinked_logins")
    op.drop_table("patient_logins")
