"""The first tables: releases and pieces, enrollments with their log and history, tasks, tokens, workers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "pieces",
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("journey", "key", "version", name="pk_pieces"),
        sa.UniqueConstraint("journey", "key", "number", name="uq_pieces_journey_key_number"),
        sqlite_strict=True,
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.UniqueConstraint("journey", "number", name="uq_releases_journey_number"),
        sqlite_strict=True,
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("reports_as", sa.Text(), nullable=False),
        sa.Column("patient_ref", sa.Text(), nullable=True),
        sa.Column("journey", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sqlite_strict=True,
    )
    op.create_table(
        "worker_beats",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_worker_beats"),
        sqlite_strict=True,
    )
    op.create_table(
        "enrollments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("patient_ref", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("current_release", sa.Text(), nullable=False),
        sa.Column("told_release", sa.Text(), nullable=True),
        sa.Column("told_log", sa.Integer(), nullable=True),
        sa.Column("told_cut", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.Column("ledger", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("log_length", sa.Integer(), nullable=False),
        sa.Column("next_due_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["current_release"], ["releases.id"], name="fk_enrollments_current_release"),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_enrollments_release"),
        sa.ForeignKeyConstraint(["told_release"], ["releases.id"], name="fk_enrollments_told_release"),
        sa.PrimaryKeyConstraint("id", name="pk_enrollments"),
        sa.UniqueConstraint("journey", "patient_ref", "key", name="uq_enrollments_journey_patient_ref_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_enrollments_current_release", "enrollments", ["current_release"], unique=False)
    op.create_index("ix_enrollments_next_due_at", "enrollments", ["next_due_at"], unique=False)
    op.create_index("ix_enrollments_patient_ref_id", "enrollments", ["patient_ref", "id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("journey", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_publications_release"),
        sa.PrimaryKeyConstraint("journey", "number", name="pk_publications"),
        sqlite_strict=True,
    )
    op.create_table(
        "events",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("retracted_at", INSTANT, nullable=True),
        sa.Column("revised_revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_events_enrollment"),
        sa.PrimaryKeyConstraint("enrollment", "position", name="pk_events"),
        sa.UniqueConstraint("enrollment", "reporter", "external_id", name="uq_events_enrollment_reporter_external_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_events_enrollment_uid", "events", ["enrollment", "uid"], unique=False)
    op.create_index("ix_events_outcome_enrollment", "events", ["outcome", "enrollment"], unique=False)
    op.create_table(
        "records",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_records_enrollment"),
        sa.PrimaryKeyConstraint("enrollment", "revision", "sequence", name="pk_records"),
        sqlite_strict=True,
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("cleared_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_reminders_enrollment"),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
        sqlite_strict=True,
    )
    op.create_index("ix_reminders_enrollment_status", "reminders", ["enrollment", "status"], unique=False)
    op.create_index("ix_reminders_status_id", "reminders", ["status", "id"], unique=False)
    op.create_table(
        "shown",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_shown_enrollment"),
        sa.PrimaryKeyConstraint("enrollment", "piece", "version", "stay", "locale", "channel", name="pk_shown"),
        sqlite_strict=True,
    )
    op.create_index("ix_shown_enrollment_stay", "shown", ["enrollment", "stay"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name="fk_tasks_enrollment"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sqlite_strict=True,
    )
    op.create_index("ix_tasks_enrollment_status", "tasks", ["enrollment", "status"], unique=False)
    op.create_index("ix_tasks_status_id", "tasks", ["status", "id"], unique=False)


def downgrade() -> None:
    """Drops the tables."""
    op.drop_index("ix_tasks_status_id", table_name="tasks")
    op.drop_index("ix_tasks_enrollment_status", table_name="tasks")
    op.drop_table("tasks")
    op.drop_index("ix_shown_enrollment_stay", table_name="shown")
    op.drop_table("shown")
    op.drop_index("ix_reminders_status_id", table_name="reminders")
    op.drop_index("ix_reminders_enrollment_status", table_name="reminders")
    op.drop_table("reminders")
    op.drop_table("records")
    op.drop_index("ix_events_outcome_enrollment", table_name="events")
    op.drop_index("ix_events_enrollment_uid", table_name="events")
    op.drop_table("events")
    op.drop_table("publications")
    op.drop_index("ix_enrollments_patient_ref_id", table_name="enrollments")
    op.drop_index("ix_enrollments_next_due_at", table_name="enrollments")
    op.drop_index("ix_enrollments_current_release", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_table("worker_beats")
    op.drop_table("tokens")
    op.drop_table("releases")
    op.drop_table("pieces")
