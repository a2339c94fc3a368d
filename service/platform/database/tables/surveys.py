"""Tables: the measured answers to surveys. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: What a person answered to a survey's own questions, by a digest of the event that brought it. No fold reads it.
survey_answers = declare_table(
    "survey_answers",
    Column("event_digest", Text, primary_key=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "person"),
    Index(None, "answered_at"),
)
