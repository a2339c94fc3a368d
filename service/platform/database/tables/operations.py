"""Tables: heartbeats of workers, and backups. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: When each worker was last seen at work.
worker_beats = declare_table(
    "worker_beats",
    Column("worker", Text, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("fired", Integer, nullable=False),
)

#: One row: the latest instant at which any worker was at work. It stays when the workers end.
clock_beats = declare_table(
    "clock_beats",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)

#: Every backup that was made; `kind` says how.
backups = declare_table(
    "backups",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("taken_at", Instant, nullable=False),
)
