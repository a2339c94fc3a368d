"""Tables: migrations of patients from one release to another. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Text, UniqueConstraint

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: The migration policy of a release, for patients in other releases: `pin`, `follow` or `map`.
release_policies = declare_table(
    "release_policies",
    Column("release", Text, ForeignKey("releases.id"), primary_key=True),
    Column("policy", Text, nullable=False),
    Column("mapping", LargeBinary, nullable=False),  # state to state, in full
    Column("set_at", Instant, nullable=False),
)

#: Every migration of a journey's patients to a release; `number` counts within its journey. Without an `outcome` it is
#: unfinished and can be resumed; then it is done, or given up.
moves = declare_table(
    "moves",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("release", Text, ForeignKey("releases.id"), nullable=False),
    Column("maps", LargeBinary, nullable=False),  # by the release that patients come from: state to state
    Column("total", Integer, nullable=False),  # of patients to migrate when it began
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text),
    UniqueConstraint("journey", "number"),
)

#: The finished batches of a migration: every patient up to the enrollment `last`, by id.
move_batches = declare_table(
    "move_batches",
    Column("move", Text, ForeignKey("moves.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("last", Text, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("failed", LargeBinary, nullable=False),  # the ids of enrollments that could not be migrated
    Column("done_at", Instant, nullable=False),
)
