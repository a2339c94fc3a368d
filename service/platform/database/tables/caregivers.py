"""Tables: caregivers of patients, what was changed of each, and what they were shown. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: A caregiver of the patient of one enrollment, from the invitation on. Its code has two parts: by the keyed digest of
#: the first it is found, and that of the second is compared. `person` is the caregiver's own.
caregivers = declare_table(
    "caregivers",
    Column("id", Text, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("person", Text, ForeignKey("persons.id"), unique=True),
    Column("invited_by", Text, nullable=False),  # patient, staff
    Column("selector_digest", Text, unique=True),
    Column("code_digest", Text),
    Column("tries", Integer, nullable=False),
    Column("invited_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("until", Instant),
    Column("ended_at", Instant),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "enrollment"),
    Index(None, "until"),
)

#: What was done with a caregiver, in order: who did it, and what was granted then. Rows are never changed.
caregiver_changes = declare_table(
    "caregiver_changes",
    Column("caregiver", Text, ForeignKey("caregivers.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("kind", Text, nullable=False),  # invited, accepted, changed, ended
    Column("by", Text, nullable=False),  # patient, staff, caregiver
    Column("at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "enrollment"),
)

#: The content that a caregiver was shown, as the table `shown` has it for the patient.
caregiver_shown = declare_table(
    "caregiver_shown",
    Column("caregiver", Text, ForeignKey("caregivers.id"), primary_key=True),
    Column("stay", Text, primary_key=True),
    Column("piece", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("first_at", Instant, nullable=False),
    Index(None, "enrollment"),
)
