"""SQL of checkpoints: the last that precedes an instant, the events that follow it, and storing new ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, or_, select

from journeys.engine import Event, State
from journeys.engine.checkpoints import NewCheckpoints, follows
from journeys.engine.events import arrival_from_stored
from journeys.primitives.canonical import first_instant
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared, Target
from service.platform.database.tables import checkpoints, events

_LAST = Prepared(
    select(checkpoints.c.state)
    .where(
        checkpoints.c.enrollment == bindparam("enrollment"),
        checkpoints.c.folded_to < bindparam("before"),
        or_(checkpoints.c.last_day.is_(None), checkpoints.c.last_day < bindparam("day")),
    )
    .order_by(checkpoints.c.folded_to.desc())
    .limit(1)
)
_ACTIVE = select(events.c.payload).where(
    events.c.enrollment == bindparam("enrollment"), events.c.entry == "event", events.c.retracted_at.is_(None)
)
_AFTER = Prepared(_ACTIVE.where(events.c.occurred_at > bindparam("after")).limit(bindparam("count")))
_AT = Prepared(_ACTIVE.where(events.c.occurred_at == bindparam("at")))
_INSERT = InsertIgnoring(checkpoints)
_DROP_ALL = Prepared(delete(checkpoints).where(checkpoints.c.enrollment == bindparam("of")))
_DROP_AFTER = Prepared(
    delete(checkpoints).where(
        and_(checkpoints.c.enrollment == bindparam("of"), checkpoints.c.folded_to > bindparam("after"))
    )
)


def last_checkpoint(connection: Connection, enrollment: str, before: datetime) -> State | None:
    """The last checkpoint of an enrollment that precedes an instant, or None."""
    values = {"enrollment": enrollment, "before": before, "day": before.date().isoformat()}
    row = _LAST.first(connection, values)
    return State.from_stored(unseal(row.state)) if row is not None else None


def events_since(connection: Connection, enrollment: str, checkpoint: State, most: int) -> list[Event]:
    """The active events that follow a checkpoint, in any order; at most a number of them.

    An event known by its day is stored at the first instant of the day.
    """
    at = checkpoint.folded_to
    rows = [
        *_AFTER.all(connection, {"enrollment": enrollment, "after": at, "count": most}),
        *_AT.all(connection, {"enrollment": enrollment, "at": first_instant(at)}),
    ]
    entries = [arrival_from_stored(unseal(row.payload)) for row in rows]
    return [event for event in entries if isinstance(event, Event) and follows(event, checkpoint)]


def store_checkpoints(target: Target, enrollment: str, new: NewCheckpoints) -> None:
    """Stores checkpoints in place of those after them."""
    if new.after is None:
        _DROP_ALL.run(target, {"of": enrollment})
    else:
        _DROP_AFTER.run(target, {"of": enrollment, "after": new.after})
    if new.states:
        rows = [
            {
                "enrollment": enrollment,
                "folded_to": state.folded_to,
                "last_day": state.last_day.isoformat() if state.last_day is not None else None,
                "state": seal(state.to_stored()),
            }
            for state in new.states
        ]
        _INSERT.run_many(target, rows)
