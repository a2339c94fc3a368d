"""Tables: tasks, reminders, and the content that patients were shown. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Text, text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

_UNSENT = text("message IS NULL")

#: Tasks for staff, by the id of the effect: open, then closed (by a person), done (by an event) or moot (the stay is
#: over).
tasks = declare_table(
    "tasks",
    Column("id", Text, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("due", Instant),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    Column("claimed_by", Text),  # the reporter who has taken an open task on
    Index(None, "status", "id"),
    Index(None, "enrollment", "status"),
)

#: Reminders, by the id of the effect; pending, or cleared because they are no longer needed, or recalled. `message` is
#: the message that was made of it.
reminders = declare_table(
    "reminders",
    Column("id", Text, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("stay", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("piece", Text, nullable=False),
    Column("due", Instant),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("message", Text),
    Index(None, "status", "id"),
    Index(None, "enrollment", "status"),
    Index("ix_reminders_unsent", "status", "opened_at", sqlite_where=_UNSENT, postgresql_where=_UNSENT),
)

#: The content that a patient was shown, once per version and stay; `version` is the beginning of the version's digest.
#: Rows are looked up by the first columns of the key, which is the only index (on SQLite the table).
shown = declare_table(
    "shown",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("stay", Text, primary_key=True),
    Column("piece", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("first_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
