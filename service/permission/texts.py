"""Consent texts: which version of a piece was approved when a person agreed to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from journeys.permission import ConsentText
from service.permission.record import FindText
from service.publishing.service import Service


def find_approved_text(service: Service) -> FindText:
    """A function that finds a consent text by key, version and locale where it was approved at an instant."""

    def find(connection: Connection, key: str, version: str, locale: str, at: datetime) -> ConsentText | None:
        return None

    return find
