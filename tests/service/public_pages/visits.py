"""Links of people, visits without a cookie, and what the database holds."""

from __future__ import annotations

import html
import re

from sqlalchemy import select

from service.outreach.links import UnsubscribeLink, token_of
from service.outreach.port import Reason, Transient
from service.platform.database.tables import metadata

#: The reminder of the sample journey fires.
DUE = "2026-07-29T10:00:00"


def link(reaching, enrollment: str, channel: str = "email") -> str:
    """The token of a person and a channel."""
    person = reaching.person_of(enrollment)
    with reaching.clinic.service.database.reading() as connection:
        return token_of(reaching.clinic.service, connection, UnsubscribeLink(person, channel))


def with_waiting_message(reaching, patient: str = "p1") -> str:
    """An enrollment of a patient for whom a message waits for its next try."""
    enrollment = reaching.reachable_patient(patient)
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert [row.status for row in reaching.messages()] == ["scheduled"]
    return enrollment


def prefer(reaching, enrollment: str, **preferences) -> None:
    """Sets preferences as staff."""
    person = reaching.person_of(enrollment)
    path = f"/v1/me/preferences?person={person}"
    assert reaching.clinic.call("PUT", path, reaching.clinic.staff, json=preferences).status == 200


def everything(reaching) -> dict:
    """Every row of every table."""
    with reaching.clinic.service.database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all())) for table in metadata.sorted_tables
        }


def revocations(reaching, enrollment: str) -> list[dict]:
    person = reaching.person_of(enrollment)
    entries = reaching.clinic.get(f"/v1/me/permissions?person={person}", reaching.clinic.staff)["entries"]
    return [entry for entry in entries if entry["kind"] == "revoke"]


def words(answer) -> str:
    """What is read on a page: without marks, blanks as one."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.data.decode()))).strip()
