"""Sessions of patients, codes to sign in, and the tokens of patients' apps."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables; every code so far was to confirm a contact."""
    op.add_column("contact_codes", sa.Column("purpose", sa.Text(), nullable=False, server_default="contact"))
    op.create_table(
        "patient_sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_patient_sessions"),
        sa.UniqueConstraint("digest", name="uq_patient_sessions_digest"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_patient_sessions_person", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_patient_sessions_person", "patient_sessions", ["person"])
    op.create_table(
        "sign_in_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("code", sa.Text()),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("looked_up_at", INSTANT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_requests"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_sign_in_requests_person", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    for columns in (["browser", "requested_at"], ["address_digest", "requested_at"], ["looked_up_at"], ["person"]):
        op.create_index(f"ix_sign_in_requests_{'_'.join(columns)}", "sign_in_requests", columns)
    op.create_table(
        "app_tokens",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_app_tokens"),
        sa.ForeignKeyConstraint(["token"], ["tokens.id"], name="fk_app_tokens_token"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="fk_app_tokens_person", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_app_tokens_person", "app_tokens", ["person"])


def downgrade() -> None:
    """Drops them; the tokens of apps stay valid, without their names."""
    op.drop_table("app_tokens")
    op.drop_table("sign_in_requests")
    op.drop_table("patient_sessions")
    op.drop_column("contact_codes", "purpose")
