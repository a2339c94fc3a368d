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
    """The answers to a survey that one event brought: values by the names of the survey's own questions.

    `event` is the keyed digest of the event's uid.
    """

    event: str
    person: str
    journey: str
    survey: str
    answered_at: datetime
    values: Mapping[str, Any]


_INSERT = insert(survey_answers)
_SINCE = (
    select(survey_answers)
    .where(survey_answers.c.answered_at >= bindparam("since"))
    .order_by(survey_answers.c.answered_at, survey_answers.c.event_digest)
)
_DELETE = delete(survey_answers).where(survey_answers.c.event_digest == bindparam("of"))
_DELETE_OF_PERSON = delete(survey_answers).where(survey_answers.c.person == bindparam("of"))


def add_answers(connection: Connection, answers: StoredAnswers) -> None:
    """Stores new answers."""
    connection.execute(
        _INSERT,
        {
            "event_digest": answers.event,
            "person": answers.person,
            "answered_at": answers.answered_at,
            "payload": seal({"journey": answers.journey, "survey": answers.survey, "values": dict(answers.values)}),
        },
    )


def list_answers(connection: Connection, journey: str, since: datetime) -> list[StoredAnswers]:
    """The answers of a journey since an instant (UTC), the oldest first."""
    rows = connection.execute(_SINCE, {"since": since})
    answers = [
        StoredAnswers(row.event_digest, row.person, answered_at=row.answered_at, **unseal(row.payload)) for row in rows
    ]
    return [each for each in answers if each.journey == journey]


def delete_answers(connection: Connection, event: str) -> None:
    """Deletes the answers that an event, by its digest, brought."""
    connection.execute(_DELETE, {"of": event})


def delete_answers_of(connection: Connection, person: str) -> None:
    """Deletes all answers of a person."""
    connection.execute(_DELETE_OF_PERSON, {"of": person})
