"""Consent texts: those that patients can agree to now, and the version to which somebody agreed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.content.catalogue import Grants
from journeys.definition.conditions import NO_WORLD
from journeys.primitives.locales import served_locale
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import approvals, releases


@dataclass(frozen=True, slots=True)
class ServedConsent:
    """A consent text as a patient reads it: its name, its words, and what agreeing to it allows."""

    key: str
    version: int
    locale: str
    title: str
    summary: str
    html: str
    grants: Grants


def list_consents(service: Service, journey: str, programme: str | None, locale: str | None) -> list[ServedConsent]:
    """The approved consent texts of a journey as they read in a programme, in the locale that serves the requested.

    Raises:
        NotFound: the journey accepts no patients, or has no such programme.
    """
    with service.database.reading() as connection:
        now = service.clock()
        publication, revision = _open(service, connection, journey)
        keys = [key for key, _ in publication.programmes]
        if programme is not None and programme not in keys:
            raise errors.NotFound
        release = service.library.releases(connection)[publication.release]
        locales = release.plan.journey.locales
        served = served_locale(locale or locales[0], locales)
        content = service.library.servable_content(
            connection, release, revision, programme or next(iter(keys), None), locale=served, now=now
        )
    return [
        ServedConsent(
            key=piece.key,
            version=content.numbers[piece.key],
            locale=served,
            title=piece.texts[served].title,
            summary=piece.texts[served].summary,
            html=str(content.renderer.render(piece, release.plan, NO_WORLD, locale=served).html),
            grants=piece.grants,
        )
        for piece in content.catalogue.of_kind("consent")
        if piece.grants is not None
    ]


def _open(service: Service, connection: Connection, journey: str) -> tuple[releases.Publication, int]:
    publication = releases.open_publication(connection, journey, service.clock())
    if publication is not None:
        return publication
    newest, in_force = releases.newest_publication(connection, journey), approvals.in_force(connection, journey)
    if newest is None or in_force is None or not service.library.rules.drafts:
        raise errors.NotFound
    return newest, in_force.revision
