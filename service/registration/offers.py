"""What a programme offers to who joins by themselves: its words, entries and consent texts, as far as approved.

It renders no page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.definition.model import Titles
from journeys.definition.programmes import Programme
from journeys.definition.registration import Registration
from journeys.engine.machine import Release
from journeys.primitives.errors import Refused
from journeys.registration import Consent, Offer
from journeys.registration.fields import cells_offered
from service.enrollments.enroll import open_publication
from service.permission.texts import ServedConsent, list_consents
from service.platform import errors
from service.platform.time_zones import zone_names
from service.publishing.review import programmes_of
from service.publishing.servable import ServableContent
from service.publishing.service import Service
from service.publishing.store import releases

_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@dataclass(frozen=True, slots=True)
class JoinOffer:
    """A registration that is open.

    Attributes:
        journey: the key of the journey.
        programme: the programme that is joined.
        version: the digest of the programme as it was published: the version of the form.
        registration: its declaration.
        release: the release that who joins gets.
        revision: that of the journey's approvals.
        locales: the languages in which every word is approved.
    """

    journey: str
    programme: Programme
    version: str
    registration: Registration
    release: Release
    revision: int
    locales: tuple[str, ...]

    @property
    def entries(self) -> Mapping[str, Titles]:
        """The entries with a title, by name."""
        return {name: entry.title for name, entry in self.release.plan.journey.entries.items() if entry.title}


def find_offer(service: Service, programme: str) -> JoinOffer:
    """The open registration of a programme; of several journeys with such a programme, of the first by key.

    Raises:
        NotFound: no journey that accepts patients has such a programme with a registration.
    """
    with service.database.reading() as connection:
        for journey in sorted(releases.journeys_published(connection)):
            offer = _offer(service, connection, journey, programme)
            if offer is not None:
                return offer
    raise errors.NotFound


def content_of(service: Service, connection: Connection, offer: JoinOffer, locale: str) -> ServableContent:
    """The content of the programme that patients may see in a locale."""
    return service.library.servable_content(
        connection, offer.release, offer.revision, offer.programme.key, locale=locale, now=service.clock()
    )


def consents_of(service: Service, offer: JoinOffer, locale: str) -> list[ServedConsent]:
    """The approved consent texts that registration asks for, in its order."""
    served = {text.key: text for text in list_consents(service, offer.journey, offer.programme.key, locale)}
    return [served[consent.text] for consent in offer.registration.consents if consent.text in served]


def choices(
    offer: JoinOffer,
    consents: Collection[ServedConsent],
    channels: Collection[str],
    zones: Collection[str],
    refused: Collection[str],
) -> Offer:
    """What can be chosen.

    Args:
        offer: the registration.
        consents: its consent texts.
        channels: the channels that are set up; a contact is of one of these.
        zones: the time zones.
        refused: purposes that the browser refuses for its user.
    """
    reached = tuple(channel for channel in offer.registration.channels if channel in channels)
    asked = []
    for text in consents:
        purposes, ways = cells_offered(text.grants.purposes, text.grants.channels, reached, refused)
        if purposes and ways:
            asked.append(Consent(text.key, text.version, text.locale, purposes, ways))
    return Offer(offer.locales, tuple(offer.entries), reached, asked, zones)


def zones() -> list[str]:
    """The time zones that are offered: places, in the order of their names. Reading them takes some milliseconds."""
    return sorted(name for name in zone_names() if name.startswith(_REGIONS))


def _offer(service: Service, connection: Connection, journey: str, programme: str) -> JoinOffer | None:
    try:
        publication, revision = open_publication(service, connection, journey, service.clock())
    except Refused:
        return None
    joined = programmes_of(connection, publication).by_key.get(programme)
    if joined is None or joined.registration is None:
        return None
    release = service.library.releases(connection)[publication.release]
    of_journey = release.plan.journey.locales
    version = next(version for key, version in publication.programmes if key == programme)
    offer = JoinOffer(journey, joined, version[:12], joined.registration, release, revision, ())
    approved = tuple(
        locale
        for locale in joined.registration.locales(of_journey)
        if not content_of(service, connection, offer, locale).is_silent
    )
    return replace(offer, locales=approved) if approved else None
