"""Keeping measured answers while their person allows it, and erasing them when they do not any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from journeys.permission import Request, is_allowed
from service.permission.store import list_entries
from service.persons.store import lock_person
from service.surveys import store
from service.surveys.store import StoredAnswers

_MEASUREMENT = Request("measurement", None)


def may_measure(connection: Connection, person: str | None, now: datetime) -> bool:
    """Whether a person allows to measure at an instant (UTC); None allows nothing."""
    if person is None:
        return False
    return is_allowed((recorded.entry for recorded in list_entries(connection, person)), _MEASUREMENT, now)


def keep_answers(connection: Connection, answers: StoredAnswers, now: datetime) -> None:
    """Stores answers if their person allows it; otherwise nothing of them is kept.

    The person is locked, so that a revocation of the same instant comes before and is seen, or after and erases them.
    """
    if lock_person(connection, answers.person) is not None and may_measure(connection, answers.person, now):
        store.add_answers(connection, answers)


def erase_unpermitted(connection: Connection, person: str, now: datetime) -> None:
    """Erases the answers of a locked person who does not allow to measure any more."""
    if not may_measure(connection, person, now):
        store.delete_answers_of(connection, person)
