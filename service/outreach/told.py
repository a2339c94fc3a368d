"""The told view that messages are made and weighed by: what the patient of an enrollment may know now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.access.caller import Caller
from service.enrollments.answers import CallerView, told_view
from service.enrollments.read import fold_to_now
from service.enrollments.store.enrollments import StoredEnrollment
from service.publishing.service import Service

PATIENT = Caller(token="", name="outreach", scopes=frozenset(), by="patient")  # nosec B106 # it reads the told view


def told_now(
    service: Service, connection: Connection, stored: StoredEnrollment, language: str | None, now: datetime
) -> CallerView:
    """The told view of a stored enrollment, with the content that is approved in the person's language."""
    folded = fold_to_now(service, connection, stored, now).stored
    return told_view(service, connection, PATIENT, folded, language, stored.present(now))
