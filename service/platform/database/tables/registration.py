"""Tables: drafts of registrations, the messages that were sent for them, and counters. It runs no SQL.

A draft can be read only with the secret of its cookie or link, which is stored nowhere.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: Drafts by the digest of their secret; the payload is encrypted (AES-256-GCM) under a key made of the secret.
registration_drafts = declare_table(
    "registration_drafts",
    Column("digest", Text, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index(None, "created_at"),
)

#: Codes and links that were sent to an address, to limit their number; kept for a day.
registration_sends = declare_table(
    "registration_sends",
    Column("id", Text, primary_key=True),
    Column("address_digest", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Index(None, "address_digest", "sent_at"),
    Index(None, "sent_at"),
)

#: Counters of where people leave, by form (the version of the programme), style, locale, question and day.
registration_counts = declare_table(
    "registration_counts",
    Column("journey", Text, primary_key=True),
    Column("programme", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("style", Text, primary_key=True),  # one-page, one-question-a-page, dialogue
    Column("locale", Text, primary_key=True),
    Column("question", Text, primary_key=True),  # a field of the form, check, code
    Column("day", Text, primary_key=True),  # UTC
    Column("kind", Text, primary_key=True),  # shown, answered, declined, back, error, finished
    Column("count", Integer, nullable=False),
)
