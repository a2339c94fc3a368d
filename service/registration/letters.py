"""The messages of registration: a code, a link to go on, or a note to somebody who has joined before.

Each is asked for by who joins, and goes at once to the address that they typed: it needs no permission, and neither the
address nor the link is stored. It renders no page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.content.rendering import with_code
from journeys.definition.conditions import NO_WORLD
from journeys.outreach.verification import CODE_LIFE, CODE_PERIOD, MOST_CODES, SentCode, next_code_at
from journeys.primitives.messages import Messages
from journeys.primitives.problems import counted
from service.access.passwords import digest_of
from service.outreach.outbox import Outbox
from service.outreach.port import Accepted, AnswerLost, Envelope
from service.outreach.verify import draw_code
from service.persons.addresses import digest_of_address
from service.persons.store import confirmed_contacts
from service.platform import errors
from service.platform.bounded_queue import BoundedQueue, QueueFull
from service.platform.logs import log
from service.platform.process import Process
from service.publishing.service import Service
from service.registration.offers import JoinOffer, content_of
from service.registration.store import drafts as store

TOO_MANY = f"An address is sent {counted(MOST_CODES, 'code')} an hour. Try again later."
#: How long it is known that something was sent to an address.
KEPT = timedelta(days=1)
LINK_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DirectSender:
    """The channels that are set up, and the queue for them: a slow provider takes few of the threads."""

    outbox: Outbox
    queue: BoundedQueue = field(default_factory=lambda: BoundedQueue(at_once=2, waiting=2), repr=False)

    @property
    def channels(self) -> frozenset[str]:
        """The channels that are set up."""
        return frozenset(self.outbox.channels)

    def send(self, channel: str, envelope: Envelope) -> bool:
        """Sends now; false where the provider does not take it."""
        try:
            with self.queue.turn():
                outcome = self.outbox.channels[channel].channel.send(envelope, self.outbox.service.new_id())
        except QueueFull:
            return False
        if not isinstance(outcome, Accepted | AnswerLost):
            log().warning("registration message not sent", channel=channel, outcome=type(outcome).__name__)
        return isinstance(outcome, Accepted | AnswerLost)


def send_code(
    sender: DirectSender, offer: JoinOffer, contact: tuple[str, str], texts: Messages, locale: str
) -> SentCode:
    """The code that was sent to a contact, as it is kept.

    Somebody has confirmed this contact before? Then a note goes there instead, and no code is accepted. Both cases do
    the same work and have the same result, so that nobody learns who is a patient.

    Raises:
        CodesTooOften: the address was sent as many codes as are accepted.
        Unavailable: the provider does not take the message.
        NotFound: the programme has no approved text for codes in this language.
    """
    service, (channel, address) = sender.outbox.service, contact
    code = draw_code(service)
    with service.database.writing() as connection:
        now = service.clock()
        digest = _count_send(service, connection, channel, address, now)
        is_known = bool(confirmed_contacts(connection, channel, digest))
        kept = _digest(service, connection, address, code if not is_known else service.new_secret())
        envelope = _code_envelope(service, connection, offer, contact, code, locale, now)
    if is_known:
        words = texts["known_text" if channel == "email" else "known_sms"]
        text = words.format(title=offer.programme.title.get(locale, ""), address=f"{sender.outbox.public_url}/sign-in")
        envelope = Envelope(
            address=address, text=text, locale=locale, useful_until=now + CODE_LIFE, subject=texts["known_subject"]
        )
    if not sender.send(channel, envelope):
        raise errors.Unavailable
    return SentCode(kept, now, 0, is_used=False)


def digest_of_tried(process: Process, connection: Connection, contact: tuple[str, str], code: str) -> str:
    """The digest that a code has if it is the one that was sent to a contact."""
    return _digest(process, connection, contact[1], code)


def send_link(sender: DirectSender, contact: tuple[str, str], link: str, texts: Messages, locale: str) -> None:
    """Sends the link with which a registration goes on.

    Raises:
        CodesTooOften, Unavailable: see `send_code`.
    """
    service, (channel, address) = sender.outbox.service, contact
    with service.database.writing() as connection:
        now = service.clock()
        _count_send(service, connection, channel, address, now)
    envelope = Envelope(
        address=address,
        text=texts["link_text" if channel == "email" else "link_sms"].format(address=link),
        locale=locale,
        useful_until=now + LINK_LIFE,
        subject=texts["link_subject"],
    )
    if not sender.send(channel, envelope):
        raise errors.Unavailable


def _count_send(process: Process, connection: Connection, channel: str, address: str, now: datetime) -> str:
    """Counts a message to an address, and returns the digest of the address."""
    digest = digest_of_address(process, connection, channel, address)
    allowed = next_code_at(store.times_of_sends(connection, digest, now - CODE_PERIOD), now, MOST_CODES)
    if allowed > now:
        raise errors.CodesTooOften(math.ceil((allowed - now).total_seconds()), TOO_MANY)
    store.forget_sends(connection, now - KEPT)
    store.add_send(connection, process.new_id(), digest, now)
    return digest


def _digest(process: Process, connection: Connection, address: str, code: str) -> str:
    return process.digests.digest_of(connection, "registration code", f"{digest_of(address)} {code}")


def _code_envelope(
    service: Service,
    connection: Connection,
    offer: JoinOffer,
    contact: tuple[str, str],
    code: str,
    locale: str,
    now: datetime,
) -> Envelope:
    content, (channel, address) = content_of(service, connection, offer, locale), contact
    piece = next(iter(content.catalogue.of_kind("verification")), None)
    if piece is None:
        raise errors.NotFound
    rendered = with_code(
        content.renderer.render(
            piece,
            content.catalogue.plan,
            NO_WORLD,
            locale=locale,
            channel="email" if channel == "email" else "sms",
        ),
        code,
    )
    return Envelope(
        address=address,
        text=rendered.text,
        locale=locale,
        useful_until=now + CODE_LIFE,
        subject=rendered.subject or "",
        html=rendered.html if channel == "email" else None,
    )
