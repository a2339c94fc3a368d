"""Tables: persons, how they can be reached, and what they allowed. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: One row: the key of the keyed digests of this database.
digest_keys = declare_table(
    "digest_keys",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

#: A patient of whatever journeys. `sequence` counts what was granted, revoked and sent, so that these have one order.
persons = declare_table(
    "persons",
    Column("id", Text, primary_key=True),
    Column("reference_digest", Text, nullable=False, unique=True),  # of the clinic's reference of the patient
    Column("reference", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("language_from", Text, nullable=False),  # record, app, staff, person
    Column("time_zone", Text),
    Column("time_zone_from", Text),
    Column("sequence", Integer, nullable=False),
    Column("preferences", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

#: Addresses of persons, by channel.
contacts = declare_table(
    "contacts",
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("channel", Text, nullable=False),  # email, sms, push, post
    Column("address_digest", Text, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("verified_by", Text, nullable=False),  # word, provider, code
    Column("status", Text, nullable=False),  # good, bad, paused
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("person", "channel", "address_digest"),
    Index(None, "address_digest"),
)

#: The ledger of grants and revocations. Rows are never changed.
permission_entries = declare_table(
    "permission_entries",
    Column("person", Text, ForeignKey("persons.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # grant, revoke
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

#: Codes that show that an address is the person's, to confirm it or to sign in. A code is drawn when it is sent; only
#: its keyed digest is stored.
contact_codes = declare_table(
    "contact_codes",
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("contact", Text, nullable=False),
    Column("address_digest", Text, nullable=False),
    Column("purpose", Text, nullable=False, server_default="contact"),  # contact, sign_in
    Column("requested_at", Instant, nullable=False),
    Column("digest", Text),
    Column("drawn_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("used_at", Instant),
    Index(None, "address_digest", "requested_at"),
    Index(None, "person", "requested_at"),
    Index(None, "contact", "drawn_at"),
)
