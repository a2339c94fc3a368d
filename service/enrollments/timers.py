"""Firing due timers, one enrollment at a time; several workers may do it side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from service.enrollments.report import keep
from service.enrollments.steps import Log, pass_time
from service.enrollments.store import enrollments, log
from service.platform.database.statements import together
from service.publishing.service import Service

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)


class FiringFailed(Exception):
    """One enrollment's timers could not be fired; the others go on."""

    def __init__(self, enrollment: str, failures: int) -> None:
        super().__init__(enrollment)
        self.enrollment = enrollment
        self.failures = failures


def fire_next(service: Service) -> str | None:
    """Fires what is due in the enrollment that is due longest and that no other worker has; gives its id, or None.

    The row's lock is the lease: a worker that dies gives it back, and one that lost it cannot commit.

    Raises:
        FiringFailed: when this enrollment cannot be folded; it is tried again later.
    """
    now = service.clock()
    if service.database.is_sqlite:  # there, to write is to keep everybody else from writing
        with service.database.reading() as connection:
            if not enrollments.due_ids(connection, now, 1):
                return None
    with service.database.writing() as connection:
        locked = enrollments.lock_one_due(connection, now)
        if locked is None:
            return None
        try:
            releases = service.library.releases(connection)
            passed = pass_time(releases, locked.stored(), now, _log_of(connection, locked.id))
            with together(connection):
                keep(connection, replace(passed, stored=replace(passed.stored, failures=0)), now)
        except SQLAlchemyError:
            raise
        except Exception as error:  # whatever it is, the other enrollments' timers must fire
            raise FiringFailed(locked.id, locked.failures) from error
    return locked.id


def postpone(service: Service, failed: FiringFailed) -> None:
    """Lets an enrollment wait, longer each time, before its timers are tried again."""
    pause = min(FIRST_PAUSE * 2 ** min(failed.failures, 20), LONGEST_PAUSE)
    with service.database.writing() as connection:
        enrollments.postpone(connection, failed.enrollment, service.clock() + pause)


def _log_of(connection: Connection, enrollment: str) -> Log:
    return lambda: [entry.arrival for entry in log.read_log(connection, enrollment)]
