"""The reviewers' page about where people leave the registrations of a journey. It counts nothing itself."""

from __future__ import annotations

from flask import Response, request

from journeys.primitives.shares import LEAST
from service.http.context import service
from service.platform import errors
from service.publishing.store import releases
from service.registration.report import report_registrations
from service.reviewer_ui.blueprint import ROOM

#: The spans of days that the page offers; the first unless the address names another.
SPANS = (30, 7, 90, 365)


@ROOM.blueprint.route("/journeys/<id:journey>/registrations")
def registrations(journey: str) -> Response:
    """Return the page of a journey's registrations, by form, style, language and question.

    Raises:
        NotFound: no such journey has been published.
    """
    with service().database.reading() as connection:
        if journey not in releases.journeys_published(connection):
            raise errors.NotFound
    days = next((span for span in SPANS if str(span) == request.args.get("days")), SPANS[0])
    forms = report_registrations(service(), journey, days)
    return ROOM.common_page("registration/report", journey=journey, forms=forms, days=days, spans=SPANS, least=LEAST)
