"""SQL of measured answers. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from service.platform.database.payload import seal, unseal
from service.platform.database.tables import survey_answers


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """The answers to a survey that one event brought: values by the names of the survey's own questions."""

    event: str
    person: str
    journey: str
    survey: str
    answered_at: datetime
    values: Mapping[str, Any]


_INSERT = insert(survey_answers)
_OF_JOURNEY = (
    select(survey_answers)
    .where(survey_answers.c.journey == bindparam("of_journey"), survey_answers.c.answered_at >= bindparam("since"))
    .order_by(survey_answers.c.survey, survey_answers.c.event)
)
_DELETE = delete(survey_answers).where(survey_answers.c.event == bindparam("of"))
_DELETE_OF_PERSON = delete(survey_answers).where(survey_answers.c.person == bindparam("of"))


def add_answers(connection: Connection, answers: StoredAnswers) -> None:
    """Stores new answers."""
    connection.execute(
        _INSERT,
        {
            "event": answers.event,
            "person": answers.person,
            "journey": answers.journey,
            "survey": answers.survey,
            "answered_at": answers.answered_at,
            "payload": seal(dict(answers.values)),
        },
    )


def list_answers(connection: Connection, journey: str, since: datetime) -> list[StoredAnswers]:
    """The answers of a journey since an instant (UTC), by survey."""
    rows = connection.execute(_OF_JOURNEY, {"of_journey": journey, "since": since})
    return [
        StoredAnswers(row.event, row.person, row.journey, row.survey, row.answered_at, unseal(row.payload))
        for row in rows
    ]


def delete_answers(connection: Connection, event: str) -> None:
    """Deletes the answers that an event brought."""
    connection.execute(_DELETE, {"of": event})


def delete_answers_of(connection: Connection, person: str) -> None:
    """Deletes all answers of a person."""
    connection.execute(_DELETE_OF_PERSON, {"of": person})
