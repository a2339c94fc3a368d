"""SQL of reminders: which pieces wait to be sent. It decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select, update

from journeys.primitives.canonical import time_text
from service.platform.database.statements import InsertOrRestore, Prepared, Target
from service.platform.database.tables import reminders

if TYPE_CHECKING:
    from journeys.engine.effects import Following

_QUEUE_REMINDER = InsertOrRestore(reminders, {"status": "pending", "cleared_at": None}, {"status": ("cleared",)})
_CLEAR_REMINDER = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.status == "pending")
    .values(status="cleared", cleared_at=bindparam("at"))
)
_REMINDERS = (
    select(reminders)
    .where(reminders.c.enrollment == bindparam("enrollment"))
    .order_by(reminders.c.due.desc(), reminders.c.id)
)


def queue_reminder(target: Target, enrollment: str, id: str, reminder: Following, now: datetime) -> None:
    """Stores a new reminder that waits to be sent, or queues it again if it was cleared."""
    _QUEUE_REMINDER.run(
        target,
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


def clear_reminder(target: Target, reminder: str, now: datetime) -> None:
    """Takes back a reminder that has not been sent."""
    _CLEAR_REMINDER.run(target, {"the_id": reminder, "at": now})


def list_reminders(connection: Connection, enrollment: str) -> list[dict[str, Any]]:
    """The reminders of an enrollment, the last first: piece, state, due time and status."""
    return [
        {"id": row.id, "piece": row.piece, "state": row.state, "due": time_text(row.due), "status": row.status}
        for row in connection.execute(_REMINDERS, {"enrollment": enrollment})
    ]
