"""Tables: what other systems brought of patients, from which events follow. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: The record of one patient for one mapping; without an enrollment while nothing makes the patient join. `same_as` is
#: the record under the patient's id, where bundles also named the patient by a `urn:uuid`.
fhir_records = declare_table(
    "fhir_records",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("patient_ref", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("enrollment", Text, ForeignKey("enrollments.id")),
    Column("same_as", Text, ForeignKey("fhir_records.id")),
    Column("payload", LargeBinary, nullable=False),  # shared identifiers
    Column("turn", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("journey", "patient_ref", "key"),
    Index(None, "enrollment"),
)

#: The resources of a record, by a digest of their name that is keyed by the record's random id.
fhir_sources = declare_table(
    "fhir_sources",
    Column("record", Text, ForeignKey("fhir_records.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("payload", LargeBinary, nullable=False),  # the excerpts of its versions
)

#: The declared sources of rows, by name; `declaration` is the published file.
row_sources = declare_table(
    "row_sources",
    Column("name", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("declaration", LargeBinary, nullable=False),
    Column("published_at", Instant, nullable=False),
)

#: The ids that sources used, by the keyed digest of source and id, each with the keyed digest of what its row says.
row_claims = declare_table(
    "row_claims",
    Column("digest", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Index(None, "enrollment"),
)
