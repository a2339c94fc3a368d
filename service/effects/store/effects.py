"""Storing the effects of a step: tasks and reminders, each opened or ended. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from journeys.engine import Effect
from service.effects.store import reminders, tasks
from service.platform.database.statements import Target


def store_effects(target: Target, enrollment: str, effects: Iterable[Effect], now: datetime) -> None:
    """Stores the effects of a step in the tables of tasks and reminders."""
    for effect in effects:
        following = effect.following
        if following is None:  # a task and a reminder never share an id
            status = tasks.DONE if effect.action == "done" else tasks.MOOT
            tasks.end_task(target, effect.id, status, now)
            reminders.clear_reminder(target, effect.id, now)
        elif following.kind == "task":
            tasks.open_task(target, enrollment, effect.id, following, now)
        else:
            reminders.queue_reminder(target, enrollment, effect.id, following, now)
