"""Tables: the measured answers to surveys. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: What a person answered to a survey's own questions, by the event that brought the answer. No fold reads it.
survey_answers = declare_table(
    "survey_answers",
    Column("event", Text, primary_key=True),
    Column("person", Text, ForeignKey("persons.id"), nullable=False),
    Column("journey", Text, nullable=False),
    Column("survey", Text, nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "person"),
    Index(None, "journey", "answered_at"),
)
