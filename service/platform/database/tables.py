"""Every table, once, for SQLAlchemy Core; migrations must lead to exactly these. It runs no SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

from service.platform.database.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *columns: Any) -> Table:
    # STRICT: SQLite refuses what PostgreSQL would, instead of storing it.
    return Table(name, metadata, *columns, sqlite_strict=True)


#: A definition as it was published, by the digest of its bytes; `number` counts within its journey.
releases = _table(
    "releases",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("definition", LargeBinary, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("journey", "number"),
)

#: One version of a piece, by the digest of its source; `number` counts within its key.
pieces = _table(
    "pieces",
    Column("journey", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("journey", "key", "number"),
)

#: Every act of publishing; the newest of a journey says what new enrollments get and which pieces are served.
publications = _table(
    "publications",
    Column("journey", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("release", Text, ForeignKey("releases.id"), nullable=False),
    Column("content", LargeBinary, nullable=False),  # version by key of piece
    Column("published_at", Instant, nullable=False),
    Column("programmes", LargeBinary),  # [key, version] of each, in order; none before there were programmes
    Column("author", Text),  # whose work it is; nobody may sign their own
)

#: What a programme set, by the digest of it.
programmes = _table(
    "programmes",
    Column("journey", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("source", LargeBinary, nullable=False),  # title and values
    Column("published_at", Instant, nullable=False),
)

#: What patients of a journey are given: `revision` counts every act that may change that; `publication` is the one
#: that new enrollments get, of the active release, and `expires_at` when its approval ends. None where none is active.
standings = _table(
    "standings",
    Column("journey", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("release", Text, ForeignKey("releases.id")),
    Column("publication", Integer),
    Column("expires_at", Instant),
)

#: The record of approvals: signatures, rejections, recalls, activations, and what was refused; nothing here is ever
#: changed. `seal` binds each line to the one before.
approvals = _table(
    "approvals",
    Column("journey", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("step", Text, nullable=False),
    Column("subject", Text, nullable=False),  # piece, structure
    Column("key", Text, nullable=False),  # of the piece, or the id of the release
    Column("locale", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("function", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("printed_name", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("confirmed", Text),  # the questions said yes to, as canonical JSON; none before there were any
    Column("seal", Text, nullable=False),
)

#: What is given to nobody because it is not approved: a task for whoever looks after the content; open or done.
approval_tasks = _table(
    "approval_tasks",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    Index(None, "journey", "status"),
)

_FAILING = text("failures > 0")

#: One patient in one journey: what was asked for, and the cached fold.
enrollments = _table(
    "enrollments",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("patient_ref", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("release", Text, ForeignKey("releases.id"), nullable=False),  # enrolled with
    Column("current_release", Text, ForeignKey("releases.id"), nullable=False),
    # While something is held, what the told view was made of: its release, how many entries of the log, and the id of
    # the hold before whose beginning it ends (none: it is all that these entries give).
    Column("told_release", Text, ForeignKey("releases.id")),
    Column("told_log", Integer),
    Column("told_cut", Text),
    Column("request_digest", Text, nullable=False),
    Column("state", LargeBinary),
    Column("told", LargeBinary),
    Column("ledger", LargeBinary, nullable=False),  # effects ever emitted, and the revisions of open holds
    Column("revision", Integer, nullable=False),
    Column("log_length", Integer, nullable=False),
    Column("next_due_at", Instant),
    Column("failures", Integer, nullable=False),  # of firing its timers, in a row
    Column("ended", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("programme", Text),
    UniqueConstraint("journey", "patient_ref", "key"),
    Index(None, "patient_ref", "id"),
    Index(None, "next_due_at"),
    Index(None, "current_release"),
    Index("ix_enrollments_failing", "failures", sqlite_where=_FAILING, postgresql_where=_FAILING),
)

#: The log of an enrollment by arrival: events, and retractions of them.
events = _table(
    "events",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("entry", Text, nullable=False),  # event, retraction
    Column("uid", Text, nullable=False),  # a retraction's: of the event taken back
    Column("reporter", Text, nullable=False),
    Column("external_id", Text),  # the reporter's; a retraction has none
    Column("request_digest", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),  # with which it became known
    Column("payload", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("outcome", Text),  # what the fold makes of it now; undone when it is no longer part of it
    Column("retracted_at", Instant),
    Column("revised_revision", Integer),  # the first with which its result was another
    UniqueConstraint("enrollment", "reporter", "external_id"),
    Index(None, "enrollment", "uid"),
    Index(None, "outcome", "enrollment"),
)

#: The history of an enrollment; nothing here is ever changed.
records = _table(
    "records",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

#: What a person must do, by the id of its effect: open, then closed (by a person), done (by an event) or moot
#: (the stay is over).
tasks = _table(
    "tasks",
    Column("id", Text, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("due", Instant),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    Index(None, "status", "id"),
    Index(None, "enrollment", "status"),
)

#: The outbox: reminders to send, by the id of the effect; pending, or cleared because they are no longer needed.
reminders = _table(
    "reminders",
    Column("id", Text, primary_key=True),
    Column("enrollment", Text, ForeignKey("enrollments.id"), nullable=False),
    Column("stay", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("piece", Text, nullable=False),
    Column("due", Instant),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Index(None, "status", "id"),
    Index(None, "enrollment", "status"),
)

#: What was given out to a patient, once per version and stay.
shown = _table(
    "shown",
    Column("enrollment", Text, ForeignKey("enrollments.id"), primary_key=True),
    Column("piece", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("stay", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("first_at", Instant, nullable=False),
    Index(None, "enrollment", "stay"),
)

#: Who may ask; the secret itself is nowhere.
tokens = _table(
    "tokens",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("reports_as", Text, nullable=False),
    Column("patient_ref", Text),
    Column("journey", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)

#: When each worker was last seen at work.
worker_beats = _table(
    "worker_beats",
    Column("worker", Text, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("fired", Integer, nullable=False),
)

#: Every backup that was made, for those who ask whether there is one; `kind` says how.
backups = _table(
    "backups",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("taken_at", Instant, nullable=False),
)

#: The people who write, review and publish. `password` is a hash that takes long to try; `subject` names them with the
#: organisation's own provider. One of the two they have.
accounts = _table(
    "accounts",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("printed_name", Text, nullable=False),
    Column("password", Text),
    Column("subject", Text, unique=True),
    Column("roles", Text, nullable=False),
    Column("functions", Text, nullable=False),
    Column("locales", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

#: Who is signed in, by the digest of what their browser keeps.
account_sessions = _table(
    "account_sessions",
    Column("digest", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("way", Text, nullable=False),  # password, provider
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # by the provider, for one signature
    Column("signed_at", Instant),  # the first time; from then on the password alone confirms
    Column("ended_at", Instant),
    Index(None, "account"),
)

#: Passwords that were wrong, by the digest of the name that was given.
account_failures = _table(
    "account_failures",
    Column("id", Text, primary_key=True),
    Column("name_digest", Text, nullable=False),
    Column("failed_at", Instant, nullable=False),
    Index(None, "name_digest", "failed_at"),
)

#: Those whom the provider is asked about just now, by the digest of what their browser keeps.
account_arrivals = _table(
    "account_arrivals",
    Column("digest", Text, primary_key=True),
    Column("secrets", LargeBinary, nullable=False),  # state, nonce, verifier of the code
    Column("back", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

#: What was said about a sentence of a version of a piece; nothing here is ever changed.
comments = _table(
    "comments",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("piece", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("sentence", Text, nullable=False),  # as it read; empty: the whole
    Column("text", Text, nullable=False),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "journey", "piece"),
)

#: What is to become of the people in other releases when they are moved to this one: `pin`, `follow` or `map`.
release_policies = _table(
    "release_policies",
    Column("release", Text, ForeignKey("releases.id"), primary_key=True),
    Column("policy", Text, nullable=False),
    Column("mapping", LargeBinary, nullable=False),  # state to state, in full
    Column("set_at", Instant, nullable=False),
)

#: Every move of a journey's people to a release; `number` counts within its journey. Until `outcome` is set it is not
#: over, and is gone on with; then it is done, or given up.
moves = _table(
    "moves",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("release", Text, ForeignKey("releases.id"), nullable=False),
    Column("maps", LargeBinary, nullable=False),  # by release that people come from, state to state
    Column("total", Integer, nullable=False),  # to be moved when it began
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text),
    UniqueConstraint("journey", "number"),
)

#: The batches of a move that are done: everybody up to the enrollment `last`, by id.
move_batches = _table(
    "move_batches",
    Column("move", Text, ForeignKey("moves.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("last", Text, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("failed", LargeBinary, nullable=False),  # the ids of those who could not be
    Column("done_at", Instant, nullable=False),
)
