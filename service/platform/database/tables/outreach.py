"""Tables: messages to persons, every attempt to hand one over, and what came back. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text, text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

_TROUBLED = text("status IN ('unknown', 'failed')")

#: Messages: of reminders, of pieces that are sent by themselves, and answers to what persons write. `next_at` is when
#: the gate is asked next, or when the lease of the worker that sends it ends; NULL where the message is final or waits
#: for a person.
messages = declare_table(
    "messages",
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("status", Text, nullable=False),  # scheduled, sending, unknown; sent, failed, expired, cleared, suppressed
    Column("reason", Text),  # why it waits or did not leave: a word of the gate, or of the port
    Column("occasion", Text),  # the keyed digest of the occasion on which a piece is sent by itself
    Column("due", Instant, nullable=False),
    Column("useful_until", Instant, nullable=False),
    Column("next_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "next_at", "id"),  # the next of many that are due at once is found without sorting them
    Index(None, "person", "status"),
    Index(None, "enrollment", "id"),
    Index(None, "occasion", unique=True),
    Index("ix_messages_troubled", "status", "ended_at", sqlite_where=_TROUBLED, postgresql_where=_TROUBLED),
)

#: Attempts, in the order of the person's `sequence`, which grants and revocations count too.
attempts = declare_table(
    "attempts",
    Column("person", Text, ForeignKey("persons.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("message", Text, ForeignKey("messages.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("result", Text, nullable=False),  # begun; accepted, transient, permanent, opted_out, lost, withdrawn
    Column("code", Text),
    Column("provider_digest", Text),
    Index(None, "message"),
    Index(None, "provider_digest"),
)

#: Receipts of providers, by the keyed digest of their source and its id.
receipts = declare_table(
    "receipts",
    Column("digest", Text, primary_key=True),
    Column("message", Text, ForeignKey("messages.id"), nullable=False),
    Column("contact", Text, nullable=False),
    Column("kind", Text, nullable=False),  # delivered, opened, clicked, bounced, complained, opted_out
    Column("code", Text, nullable=False),  # of a bounce: a status of RFC 3463 or of HTTP; else empty
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index(None, "message"),
    Index(None, "contact"),
)

#: Words of persons, by the keyed digest of their source and its id, for each contact with the address of the sender.
#: `id` is also that of the task that they open.
inbound = declare_table(
    "inbound",
    Column("digest", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("reply", Text, nullable=False),  # revokes, mentions, asks_for_help, free_text
    Column("confirmation", Text),  # not used since answers are messages; kept so that a downgrade loses nothing
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "person", "id"),
)

#: The queue of letters, one for each message that goes by post. The words are erased when the letter is posted or
#: withdrawn. A batch is what is printed into one file.
letters = declare_table(
    "letters",
    Column("id", Text, primary_key=True),
    Column("message", Text, ForeignKey("messages.id"), nullable=False, unique=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("contact", Text, nullable=False),
    Column("status", Text, nullable=False),  # queued, printed, posted, returned, withdrawn
    Column("batch", Text),
    Column("payload", LargeBinary),
    Column("queued_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index(None, "status", "queued_at"),
    Index(None, "person", "status"),
    Index(None, "batch"),
)
