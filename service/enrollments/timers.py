"""Firing due timers, one enrollment in a transaction; several workers can run at the same time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from service.enrollments.save import store_advance
from service.enrollments.steps import pass_time
from service.enrollments.store import enrollments
from service.platform.database.statements import together
from service.platform.retries import pause_after
from service.publishing.service import Service

FIRST_PAUSE = timedelta(seconds=2)


class FiringFailed(Exception):
    """The timers of one enrollment could not be fired."""

    def __init__(self, enrollment: str, failures: int) -> None:
        super().__init__(enrollment)
        self.enrollment = enrollment
        self.failures = failures


def fire_next(service: Service) -> str | None:
    """Fires the due timers of one enrollment, the longest overdue that no other worker holds; returns its id, or None.

    The lock of the row is the lease: a worker that dies releases it, and a worker that lost it cannot commit.

    Raises:
        FiringFailed: when this enrollment cannot be folded; it is tried again later.
    """
    now = service.clock()
    if service.database.is_sqlite:  # a transaction that writes would block all others
        with service.database.reading() as connection:
            if not enrollments.due_ids(connection, now, 1):
                return None
    with service.database.writing() as connection:
        locked = enrollments.lock_one_due(connection, now)
        if locked is None:
            return None
        try:
            releases = service.library.releases(connection)
            advance = pass_time(releases, locked.stored(), now)
            with together(connection):
                store_advance(connection, replace(advance, stored=replace(advance.stored, failures=0)), now)
        except SQLAlchemyError:
            raise
        except Exception as error:  # the timers of the other enrollments must fire all the same
            raise FiringFailed(locked.id, locked.failures) from error
    return locked.id


def postpone(service: Service, failed: FiringFailed) -> None:
    """Postpones the timers of an enrollment after a failure, longer each time."""
    pause = pause_after(failed.failures, first=FIRST_PAUSE)
    with service.database.writing() as connection:
        enrollments.postpone(connection, failed.enrollment, service.clock() + pause)
