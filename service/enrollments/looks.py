"""Looking at enrollments that changed, to work out what follows from their told view: messages, or the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from service.effects.store.looks import Looker, StoredLook, changed_enrollments, read_look, store_look
from service.enrollments.store.enrollments import read_version
from service.platform.logs import log, where

BATCH = 20
PAUSE_AFTER_FAILURE = timedelta(minutes=10)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Look(Generic[ResultT]):
    """An enrollment that was looked at: the look before, the look to store, and what follows from the told view."""

    enrollment: str
    before: StoredLook | None
    after: StoredLook
    result: ResultT | None


def look_at_changed(
    connection: Connection, looker: Looker, now: datetime, read: Callable[[str], tuple[ResultT | None, datetime | None]]
) -> list[Look[ResultT]]:
    """Looks at some enrollments that changed, by their ids.

    `read` works out what follows from an enrollment, if anything, and when it changes by itself. Where it fails, this
    is logged and tried again later: the others must be looked at all the same.
    """
    looks = []
    for enrollment in changed_enrollments(connection, looker, now, BATCH):
        before, version = read_look(connection, looker, enrollment), read_version(connection, enrollment)
        assert version is not None
        try:
            result, next_at = read(enrollment)
        except SQLAlchemyError:
            raise
        except Exception as error:
            log().error(f"{looker}-look-failed", enrollment=enrollment, **where(error))
            result, next_at = None, now + PAUSE_AFTER_FAILURE
        looks.append(Look(enrollment, before, StoredLook(version.revision, version.standing, next_at), result))
    return looks


def store_looks(connection: Connection, looker: Looker, looks: Iterable[Look[ResultT]]) -> Iterator[Look[ResultT]]:
    """The looks that no other process was faster with; each is stored after the caller has stored what follows."""
    for look in looks:
        if read_look(connection, looker, look.enrollment) == look.before:
            yield look
            store_look(connection, looker, look.enrollment, look.after)
