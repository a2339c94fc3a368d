"""SQL of the enrollments of a journey, in the order in which patients were enrolled. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Connection, bindparam, select, tuple_

from journeys.primitives.canonical import EARLIEST
from journeys.primitives.state_path import StatePath
from service.platform.database.payload import unseal
from service.platform.database.tables import enrollments
from service.platform.database.types import Instant


class ListPosition(NamedTuple):
    """A position in the list: the time of enrolling, UTC, and the id of the enrollment."""

    at: datetime = EARLIEST
    id: str = ""


@dataclass(frozen=True, slots=True)
class ListedEnrollment:
    """An enrollment in the list of its journey, with its sealed state; `due` is its next timer."""

    position: ListPosition
    payload: bytes | None
    due: datetime | None
    ended: bool

    def may_be_in(self, state: StatePath, now: datetime) -> bool:
        """Whether the enrollment is in a state, or has timers due that may lead there."""
        if self.payload is None or self.ended:
            return False
        if self.due is not None and self.due <= now:
            return True
        stays = unseal(self.payload)["tracks"].get(state.track, ())  # building the whole state takes far longer
        return any(stay["state"] == state.path for stay in stays)


_PAGE = (
    select(
        enrollments.c.created_at,
        enrollments.c.id,
        enrollments.c.state,
        enrollments.c.next_due_at,
        enrollments.c.ended,
    )
    .where(
        enrollments.c.journey == bindparam("journey"),
        tuple_(enrollments.c.created_at, enrollments.c.id)
        > tuple_(bindparam("at", type_=Instant()), bindparam("after")),
        enrollments.c.clock.is_not(None) == bindparam("sandbox", type_=Boolean()),
    )
    .order_by(enrollments.c.created_at, enrollments.c.id)
    .limit(bindparam("count"))
)


def list_of_journey(
    connection: Connection, journey: str, after: ListPosition, count: int, *, sandbox: bool = False
) -> list[ListedEnrollment]:
    """The enrollments of a journey after a position, ended enrollments too; of patients, or the sandboxes."""
    values = {"journey": journey, "sandbox": sandbox, "at": after.at, "after": after.id, "count": count}
    return [
        ListedEnrollment(ListPosition(row.created_at, row.id), row.state, row.next_due_at, bool(row.ended))
        for row in connection.execute(_PAGE, values)
    ]
