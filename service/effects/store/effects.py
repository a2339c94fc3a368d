"""Storing the effects of a step: tasks and reminders, each opened or ended. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import Effect
from service.effects.store import reminders, tasks


def store_effects(connection: Connection, enrollment: str, effects: Iterable[Effect], now: datetime) -> None:
    """Stores the effects of a step in the tables of tasks and reminders."""
    for effect in effects:
        following = effect.following
        if following is None:  # a task and a reminder never share an id
            status = tasks.DONE if effect.action == "done" else tasks.MOOT
            tasks.end_task(connection, effect.id, status, now)
            reminders.clear_reminder(connection, effect.id, now)
        elif following.kind == "task":
            tasks.open_task(connection, enrollment, effect.id, following, now)
        else:
            reminders.queue_reminder(connection, enrollment, effect.id, following, now)
