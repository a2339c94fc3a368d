"""Tables: the feed of events about enrollments, its endpoints, and what was delivered to them. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: One row: the last position of the feed. Whoever publishes locks it, so that positions are committed in their order.
feed_counter = declare_table(
    "feed_counter",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
)

#: Published events. Rows are never changed; what is withdrawn is a further row.
feed_entries = declare_table(
    "feed_entries",
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),  # a keyed digest
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("withdraws", Text),  # the id of the entry that it withdraws
    Column("at", Instant, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "enrollment", "position"),
)

#: Other systems to which the feed is delivered. `position` is that of the last entry that is finished; `next_at` is
#: when the next is tried, or when the lease of the worker that delivers it ends.
feed_endpoints = declare_table(
    "feed_endpoints",
    Column("id", Text, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("journey", Text),
    Column("status", Text, nullable=False),  # active, disabled (by staff), failed
    Column("position", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

#: Attempts to deliver an entry about a person, at their place in the person's sequence. They outlive the entries: they
#: say what left, and to whom.
feed_deliveries = declare_table(
    "feed_deliveries",
    Column("person", Text, ForeignKey("persons.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("entry", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("endpoint", Text, ForeignKey("feed_endpoints.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("result", Text, nullable=False),  # begun; accepted, refused, lost, not_sent
    Column("code", Text),
    Index(None, "entry"),
)
