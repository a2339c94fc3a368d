"""Tables: enrollments, their logs, histories and checkpoints. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, select, text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

_FAILING = text("failures > 0")

#: One patient in one journey: the request that enrolled them, and the cached fold.
enrollments = declare_table(
    "enrollments",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("patient_ref", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("release", Text, ForeignKey("releases.id"), nullable=False),  # enrolled with
    Column("current_release", Text, ForeignKey("releases.id"), nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("state", LargeBinary),
    # Not used since the told view is a fold of its own; kept so that a downgrade loses nothing.
    Column("told_release", Text, ForeignKey("releases.id")),
    Column("told_log", Integer),
    Column("told_cut", Text),
    Column("told", LargeBinary),  # what was told and what is withheld; NULL where nothing ever had to be told
    Column("ledger", LargeBinary, nullable=False),  # `effects` that are open, and some that ended
    Column("revision", Integer, nullable=False),
    Column("log_length", Integer, nullable=False),
    Column("next_due_at", Instant),
    Column("failures", Integer, nullable=False),  # of firing its timers, in a row
    Column("ended", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("programme", Text),
    Column("rules", Integer, nullable=False, server_default="1"),  # the version of the engine's rules that folded it
    Column("person", Text, ForeignKey("persons.id")),  # NULL only in enrollments of earlier versions
    Column("clock", Instant),  # the present of a sandbox; NULL in a real enrollment
    UniqueConstraint("journey", "patient_ref", "key"),
    Index(None, "patient_ref", "id"),
    Index(None, "journey", "created_at", "id"),  # the list of a journey's enrollments
    Index(None, "person"),
    Index(None, "next_due_at"),
    Index(None, "current_release", "clock"),
    Index(None, "rules"),
    Index(None, "id", "revision", "journey", "clock"),  # what changed is looked for without reading states
    Index("ix_enrollments_failing", "failures", sqlite_where=_FAILING, postgresql_where=_FAILING),
)

#: The enrollments of patients. What counts, lists work, publishes or sends reads these, and meets no sandbox.
real_enrollments = select(enrollments).where(enrollments.c.clock.is_(None)).subquery("real_enrollments")

#: The log of an enrollment in the order of arrival: events, and retractions of them.
events = declare_table(
    "events",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("entry", Text, nullable=False),  # event, retraction
    Column("uid", Text, nullable=False),  # of a retraction: the uid of the retracted event
    Column("reporter", Text, nullable=False),
    Column("external_id", Text),  # the reporter's id; NULL for a retraction
    Column("request_digest", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),  # with which it was stored
    Column("payload", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("outcome", Text),  # its result in the current fold; undone when it is no longer part of it
    Column("retracted_at", Instant),
    Column("revised_revision", Integer),  # the first revision that changed its result
    UniqueConstraint("enrollment", "reporter", "external_id"),
    Index(None, "enrollment", "uid"),
    Index(None, "enrollment", "occurred_at"),
    Index(None, "outcome", "enrollment"),
)

#: The history of an enrollment. Rows are never changed.
records = declare_table(
    "records",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

#: States on the way of an enrollment, from which late events are folded. They can be dropped at any time.
checkpoints = declare_table(
    "checkpoints",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("folded_to", Instant, primary_key=True),
    Column("last_day", Text),  # the last date of which it has an event that is known by its day
    Column("state", LargeBinary, nullable=False),
)

#: The last looks at each enrollment, by what was worked out (`looker`); `next_at` is when it is to be done again though
#: the enrollment has not changed.
looks = declare_table(
    "looks",
    Column("looker", Text, primary_key=True),  # feed, messages
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("standing", Integer),  # the revision of the journey's approval status; looks of the feed do not follow it
    Column("next_at", Instant),
    Index(None, "looker", "next_at"),
)
