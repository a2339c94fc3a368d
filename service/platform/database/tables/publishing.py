"""Tables: published definitions and content, approvals of them, comments on them. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: A definition as it was published, by the digest of its bytes; `number` counts within its journey, `rules` is the
#: version of the engine's rules under which its events are folded.
releases = declare_table(
    "releases",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("definition", LargeBinary, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("rules", Integer, nullable=False, server_default="1"),
    UniqueConstraint("journey", "number"),
)

#: One version of a piece, by the digest of its source; `number` counts within its key.
pieces = declare_table(
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
publications = declare_table(
    "publications",
    Column("journey", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("release", Text, ForeignKey("releases.id"), nullable=False),
    Column("content", LargeBinary, nullable=False),  # version by key of piece
    Column("published_at", Instant, nullable=False),
    Column("programmes", LargeBinary),  # [key, version] of each, in order; NULL in rows older than programmes
    Column("author", Text),  # the account that wrote it, which may not sign it
)

#: One version of a programme, by the digest of its values.
programmes = declare_table(
    "programmes",
    Column("journey", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("source", LargeBinary, nullable=False),  # title and values
    Column("published_at", Instant, nullable=False),
)

#: The active release of a journey, one row each: `revision` counts every act that may change what patients are shown,
#: `publication` is the one that new enrollments get, `expires_at` the end of its approval. NULL: no release is active.
standings = declare_table(
    "standings",
    Column("journey", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("release", Text, ForeignKey("releases.id")),
    Column("publication", Integer),
    Column("expires_at", Instant),
)

#: The audit trail of approvals: signatures, rejections, recalls, activations and refusals. Rows are never changed;
#: `seal` binds each row to the one before.
approvals = declare_table(
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
    Column("confirmed", Text),  # the confirmed questions, as canonical JSON; NULL in rows older than checklists
    Column("seal", Text, nullable=False),
)

#: Tasks for content staff: content that is shown to nobody because it is not approved; open or done.
approval_tasks = declare_table(
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

#: Comments on a sentence of a version of a piece. Rows are never changed.
comments = declare_table(
    "comments",
    Column("id", Text, primary_key=True),
    Column("journey", Text, nullable=False),
    Column("piece", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("sentence", Text, nullable=False),  # its text; empty: the comment is about the whole piece
    Column("text", Text, nullable=False),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "journey", "piece"),
)

#: What became of a comment: answers, and that it was resolved or opened again. Rows are never changed.
comment_steps = declare_table(
    "comment_steps",
    Column("comment", Text, ForeignKey("comments.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("step", Text, nullable=False),  # answered, resolved, reopened
    Column("text", Text, nullable=False),  # an answer has one; whoever resolves or opens again may add one
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

#: What a reviewer decided on the texts of a binder that is not signed yet; it has no effect on what patients are shown.
review_verdicts = declare_table(
    "review_verdicts",
    Column("account", Text, primary_key=True),  # its name, as beside signatures
    Column("journey", Text, primary_key=True),
    Column("subject", Text, primary_key=True),  # piece, structure
    Column("key", Text, primary_key=True),  # of the piece, or the id of the release
    Column("locale", Text, primary_key=True),
    Column("function", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("verdict", Text, nullable=False),  # approved, rejected
    Column("comment", Text, nullable=False),
    Column("checklist", Text, nullable=False),  # the version of the confirmed questions; empty without questions
    Column("read_at", Instant),  # the end of the text was reached; NULL: not yet
    Column("decided_at", Instant, nullable=False),
)

#: The stories of journeys, by the name of their file; reviewers replay them.
stories = declare_table(
    "stories",
    Column("journey", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("script", LargeBinary, nullable=False),  # the published file
    Column("published_at", Instant, nullable=False),
)
