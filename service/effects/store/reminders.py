"""SQL of reminders: which pieces wait to be sent. It decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from journeys.engine.effects import Following
from journeys.primitives.canonical import time_text
from service.platform.database.statements import Prepared
from service.platform.database.tables import reminders

_INSERT_REMINDER = Prepared(insert(reminders))
_CLEAR_REMINDER = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.status == "pending")
    .values(status="cleared", cleared_at=bindparam("at"))
)
_REOPEN_REMINDER = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.status == "cleared")
    .values(status="pending", cleared_at=None)
)
_REMINDERS = (
    select(reminders)
    .where(reminders.c.enrollment == bindparam("enrollment"))
    .order_by(reminders.c.due.desc(), reminders.c.id)
)


def queue_reminder(connection: Connection, enrollment: str, id: str, reminder: Following, now: datetime) -> None:
    """Stores a new reminder that waits to be sent."""
    _INSERT_REMINDER.run(
        connection,
        {
            "id": id,
            "enrollment": enrollment,
            "stay": reminder.stay,
            "state": reminder.state,
            "piece": reminder.piece,
            "due": reminder.due,
            "status": "pending",
            "opened_at": now,
        },
    )


def reopen_reminder(connection: Connection, reminder: str) -> None:
    """Queues a reminder again that was cleared."""
    _REOPEN_REMINDER.run(connection, {"the_id": reminder})


def clear_reminder(connection: Connection, reminder: str, now: datetime) -> None:
    """Takes back a reminder that has not been sent."""
    _CLEAR_REMINDER.run(connection, {"the_id": reminder, "at": now})


def list_reminders(connection: Connection, enrollment: str) -> list[dict[str, Any]]:
    """The reminders of an enrollment, the last first: piece, state, due time and status."""
    return [
        {"id": row.id, "piece": row.piece, "state": row.state, "due": time_text(row.due), "status": row.status}
        for row in connection.execute(_REMINDERS, {"enrollment": enrollment})
    ]
