"""The task that words of a patient or a caregiver open, so that a person reads them in time. It stores no words."""

from __future__ import annotations

from datetime import datetime, timedelta

from journeys.engine.effects import Following
from service.effects.store.tasks import open_task
from service.platform.database.statements import Target

READ_WITHIN = timedelta(days=1)
#: The titles of tasks, by who wrote.
TITLES = {
    "patient": "The patient wrote something: read it and answer.",
    "family": "A caregiver wrote something: read it and answer.",
}


def open_task_for_words(target: Target, enrollment: str, id: str, title: str, now: datetime) -> datetime:
    """Opens the task to read words that arrived now, for the care team; returns the time by which it is due, UTC.

    Nothing of the words may be in the title. Once a person has closed the task it stays closed.
    """
    due = now + READ_WITHIN
    task = Following(id=id, kind="task", name="reply", stay="", state="", title=title, assignee="care_team", due=due)
    open_task(target, enrollment, id, task, now)
    return due
