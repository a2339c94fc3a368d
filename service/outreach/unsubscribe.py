"""What the holder of a link may do without signing in: end channels, and narrow when messages come. It grants nothing.

Anybody who has a mail has its link, so that nothing here can bring a person more messages, or show a whole address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.local_time import QuietHours
from journeys.outreach.preferences import Preferences
from journeys.permission import ChannelStatus, channel_status
from journeys.primitives.errors import Refused
from service.outreach.links import link_of
from service.outreach.revoke import ChannelRevocation, revoke_channel
from service.outreach.told import PATIENT
from service.outreach.topics import PersonTopic, require_topics, topics_of
from service.permission.store import list_entries
from service.persons.addresses import CHANNELS, masked_address
from service.persons.store import StoredPerson, list_contacts, load_person, lock_person, update_person
from service.platform import errors
from service.publishing.service import Service

ORDER = "Name the channels of this page, each once."
QUIET = "These hours must include the quiet hours of before. Make them shorter in the app."
ENDED = "Only a channel of this page can be ended."


@dataclass(frozen=True, slots=True)
class LinkedChannel:
    """A channel by which a person can be reached: the masked addresses, and what the ledger says of it."""

    channel: str
    addresses: tuple[str, ...]
    status: ChannelStatus


@dataclass(frozen=True, slots=True)
class LinkedPerson:
    """The person of a link, its channel, and the channels in the person's order: those with an address, and its own."""

    person: StoredPerson
    own: LinkedChannel
    channels: tuple[LinkedChannel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowedPreferences:
    """What the holder of a link wants.

    Attributes:
        order: the channels of the page, first the best.
        quiet: the quiet hours; None: as they are.
        paused_until: before this instant (UTC) nothing is sent; None, or an earlier instant than before: as it is.
        ended: the channels to end.
        topics_off: the topics to switch off.
    """

    order: tuple[str, ...]
    quiet: QuietHours | None = None
    paused_until: datetime | None = None
    ended: frozenset[str] = field(default_factory=frozenset)
    topics_off: frozenset[str] = field(default_factory=frozenset)


def read_link(service: Service, token: str) -> LinkedPerson:
    """What the pages of a link show. It changes nothing.

    Raises:
        NotFound: this service did not make the token, or the person is not stored any more.
    """
    with service.database.reading() as connection:
        return _linked_person(service, connection, token)


def read_topics(service: Service, token: str) -> list[PersonTopic]:
    """The topics that the holder of a link can switch off; raises like `read_link`."""
    with service.database.reading() as connection:
        return topics_of(service, connection, PATIENT, _linked_person(service, connection, token).person)


def unsubscribe(service: Service, token: str) -> LinkedPerson:
    """Ends the messages on the channel of a link; where they were ended before, nothing is recorded.

    Raises:
        NotFound: see `read_link`.
    """
    with service.database.writing() as connection:
        linked = _locked(service, connection, token)
        _end(service, connection, linked.person.id, [linked.own])
        return _linked_person(service, connection, token)


def narrow(service: Service, token: str, narrowed: NarrowedPreferences) -> LinkedPerson:
    """Sets the order of channels, makes quiet hours and a pause longer, ends channels, and switches topics off.

    Raises:
        NotFound: see `read_link`.
        Refused: `order` or `ended` names another channel, `topics_off` another topic, or `quiet` leaves out quiet hours
            of before; nothing is set.
    """
    if narrowed.topics_off:
        require_topics(read_topics(service, token), narrowed.topics_off, "topics_off")
    with service.database.writing() as connection:
        linked = _locked(service, connection, token)
        preferences = _narrowed(linked, narrowed)
        update_person(connection, replace(linked.person, preferences=preferences))
        _end(
            service, connection, linked.person.id, [each for each in linked.channels if each.channel in narrowed.ended]
        )
        return _linked_person(service, connection, token)


def _narrowed(linked: LinkedPerson, narrowed: NarrowedPreferences) -> Preferences:
    before = linked.person.preferences
    shown = [each.channel for each in linked.channels]
    if sorted(narrowed.order) != sorted(shown):
        raise Refused({"order": [ORDER]})
    if not narrowed.ended <= set(shown):
        raise Refused({"ended": [ENDED]})
    if narrowed.quiet is not None and before.quiet is not None and not narrowed.quiet.covers(before.quiet):
        raise Refused({"quiet": [QUIET]})
    hidden = tuple(channel for channel in before.channels if channel not in shown)
    pauses = [until for until in (before.paused_until, narrowed.paused_until) if until is not None]
    return replace(
        before,
        channels=narrowed.order + hidden if list(narrowed.order) != shown else before.channels,
        quiet=narrowed.quiet or before.quiet,
        topics_off=before.topics_off | narrowed.topics_off,
        paused_until=max(pauses, default=None),
    )


def _end(service: Service, connection: Connection, person: str, channels: Sequence[LinkedChannel]) -> None:
    now = service.clock()
    for channel in channels:
        owner = lock_person(connection, person)
        assert owner is not None
        if channel.status != "revoked":
            revocation = ChannelRevocation(channel=channel.channel, by="patient", method="link", at=now)
            revoke_channel(service, connection, owner, revocation)


def _locked(service: Service, connection: Connection, token: str) -> LinkedPerson:
    """The person of a link, whom nobody else changes before this transaction ends."""
    link = link_of(service, connection, token)
    if link is None or lock_person(connection, link.person) is None:
        raise errors.NotFound
    return _linked_person(service, connection, token)


def _linked_person(service: Service, connection: Connection, token: str) -> LinkedPerson:
    link = link_of(service, connection, token)
    person = load_person(connection, link.person) if link is not None else None
    if link is None or person is None:
        raise errors.NotFound
    contacts = list_contacts(connection, person.id)
    entries = [recorded.entry for recorded in list_entries(connection, person.id)]

    def linked_channel(channel: str) -> LinkedChannel:
        addresses = tuple(
            masked_address(channel, contact.address) for contact in contacts if contact.channel == channel
        )
        return LinkedChannel(channel, addresses, channel_status(entries, channel))

    order = tuple(dict.fromkeys((*person.preferences.channels, *CHANNELS)))
    channels = tuple(each for each in map(linked_channel, order) if each.addresses or each.channel == link.channel)
    return LinkedPerson(person, linked_channel(link.channel), channels)
