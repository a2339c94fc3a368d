"""Readiness: whether this process can serve requests at full speed, and whether timers are fired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.operations.store import heartbeats, overview
from service.operations.warming import Warmer
from service.platform.database import current_revision, head_revision
from service.platform.errors import FileReplaced
from service.publishing.service import Service

#: A timer this long overdue means that nobody fires them.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether each part is ready.

    `database`: ok, outdated, or replaced (the open file was deleted or replaced).
    `worker`: ok, late (timers are overdue) or none (no worker was ever seen).
    `releases`: compiling until the releases in use are compiled, then ok.
    """

    database: str
    worker: str
    releases: str = "ok"

    @property
    def status(self) -> str:
        """`ready` or `unready`."""
        return "ready" if self.is_ready else "unready"

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served; they can while timers are late, because reads fold to now."""
        return self.database == "ok" and self.releases == "ok"


def readiness(service: Service, warmer: Warmer | None = None) -> Readiness:
    """Return the readiness now; without a warmer, releases are compiled when they are first needed.

    Raises:
        Unavailable: when the database cannot be reached.
    """
    try:
        service.database.require_file()
    except FileReplaced:
        return Readiness("replaced", "unknown", "unknown")
    if current_revision(service.database) != head_revision():
        return Readiness("outdated", "unknown", "unknown")
    with service.database.reading() as connection:
        due = overview.oldest_due(connection)
        last = heartbeats.last(connection)
    late = due is not None and due < service.clock() - LATE
    compiled = "ok" if warmer is None or warmer.is_done else "compiling"
    return Readiness("ok", "late" if late else "ok" if last is not None else "none", compiled)
