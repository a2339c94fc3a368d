"""Listening: the receipts of providers, and what persons answer. Each is stored once, whatever order it comes in.

Nobody is answered: an unknown sender, or a receipt of a message that its source did not carry, changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from journeys.outreach.incoming import ProviderReceipt, Reply, own_words, read_reply
from journeys.permission import PURPOSES, Request, channel_status, is_allowed
from journeys.primitives.errors import Refused
from service.effects.words import open_task_for_words
from service.outreach.answer import schedule_answer
from service.outreach.occasions import schedule_followers
from service.outreach.receipts import store_receipt
from service.outreach.revoke import ChannelRevocation, revoke_channel
from service.outreach.states import SENDING, UNKNOWN
from service.outreach.store.attempts import (
    WITHDRAWN,
    StoredAttempt,
    attempts_of_message,
    attempts_of_provider_id,
)
from service.outreach.store.inbound import StoredWords, add_words, enrollment_for_words
from service.outreach.store.messages import find_message, update_message
from service.outreach.store.receipts import ARRIVED
from service.permission.store import list_entries
from service.persons.addresses import checked_address, digest_of_address
from service.persons.store import (
    StoredPerson,
    change_contact_status,
    contacts_of_address,
    list_contacts,
    lock_person,
)
from service.platform.form_fields import storable
from service.platform.inbound_sources import InboundSource
from service.platform.logs import log
from service.publishing.service import Service

SAID_AGAIN = timedelta(hours=1)
#: An opt-out that is repeated sooner adds nothing to the ledger.
LATEST_ARRIVAL = timedelta(days=3)
#: A message counts as written this long before it arrived at most, whatever the clock of its source says.
LONGEST_TEXT = 100_000
#: Characters that are kept of what a person wrote.
TITLES = {
    "mentions": "A patient may want no more messages, which are paused: read the answer, then ask.",
    "asks_for_help": "A patient asks for help in an answer to a message.",
    "free_text": "A patient answered a message: read it and answer.",
}
_MEASURED = ("opened", "clicked")
_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}|[1-5]\d\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingReceipt:
    """A receipt, with the message that it names: by our key, by the provider's id, or by both."""

    receipt: ProviderReceipt
    message: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingWords:
    """What a person wrote.

    Attributes:
        id: the id of the source.
        sender: the address that it came from.
        text: the text with what it quotes.
        at: when the person wrote, by the word of the source, UTC.
        reply_in: what it asks for, of a person with a language (BCP 47).
    """

    id: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    reply_in: Callable[[str], Reply] = field(repr=False)

    @classmethod
    def of_text(cls, source: InboundSource, *, id: str, sender: str, text: str, at: datetime) -> IncomingWords:
        """The words of a person as a provider hands them over; mails quote, text messages do not."""
        words = own_words(text) if source.channel == "email" else text
        return cls(id=id, sender=sender, text=text, at=at, reply_in=partial(read_reply, words))


def take_receipt(service: Service, source: InboundSource, incoming: IncomingReceipt) -> None:
    """Stores a receipt, and what follows from it.

    A message that arrived is sent, also where the answer of the provider was lost. Opens and clicks are kept as such
    only with permission to measure. For the contact and its permission see `store_receipt`.
    """
    with service.database.writing() as connection:
        attempt = _find_attempt(service, connection, source, incoming)
        person = lock_person(connection, attempt.person) if attempt is not None else None
        if attempt is None or person is None:
            return
        now = service.clock()
        receipt = _checked(service, connection, source, incoming.receipt, attempt, now)
        if store_receipt(service, connection, person, attempt, receipt, now) and receipt.kind in ARRIVED:
            _store_arrival(connection, attempt, now)


def take_words(service: Service, source: InboundSource, words: IncomingWords) -> None:
    """Stores what a person wrote, for each person with this address, and does what it asks for.

    An opt-out word alone revokes the channel in the same transaction, unless it is revoked already. A text that only
    contains one pauses the channel. That, a call for help and every other text opens a task that is due in a day. All
    but that are answered once, too.
    """
    try:
        address = checked_address(source.channel, words.sender)
    except Refused:
        return
    with service.database.writing() as connection:
        digest = digest_of_address(service, connection, source.channel, address)
        for contact, owner in contacts_of_address(connection, source.channel, digest):
            person = lock_person(connection, owner)
            if person is not None:
                _take_words_of(service, connection, source, words, contact, person)


def _take_words_of(
    service: Service,
    connection: Connection,
    source: InboundSource,
    words: IncomingWords,
    contact: str,
    person: StoredPerson,
) -> None:
    now = service.clock()
    reply = words.reply_in(person.language)
    at = max(min(words.at, now), now - LATEST_ARRIVAL)
    stored = StoredWords(
        id=service.new_id(),
        digest=service.digests.digest_of(connection, "inbound", f"{source.name} {words.id}"),
        person=person.id,
        contact=contact,
        channel=source.channel,
        reply=reply,
        at=at,
        received_at=now,
        text=storable(words.text[:LONGEST_TEXT]),
    )
    if not add_words(connection, stored):
        return
    enrollment = enrollment_for_words(connection, person.id)
    if reply == "revokes":
        was_reached = _is_reached(connection, person.id, source.channel, now)
        entries = [recorded.entry for recorded in list_entries(connection, person.id)]
        said_lately = [entry for entry in entries if entry.kind == "revoke" and entry.occurred_at > at - SAID_AGAIN]
        if (
            channel_status(said_lately, source.channel) != "revoked"
            or channel_status(entries, source.channel) != "revoked"
        ):
            revocation = ChannelRevocation(channel=source.channel, by="patient", method="reply", at=at)
            revoke_channel(service, connection, person, revocation)
        if was_reached and enrollment is not None:
            schedule_answer(service, connection, stored, enrollment, now)
        return
    if reply == "mentions":  # no address of the channel is used, until the person names it again
        for each in list_contacts(connection, person.id):
            if each.channel == source.channel:
                change_contact_status(connection, each.id, "good", "paused")
    if enrollment is None:
        log().error("words-without-enrollment", words=stored.id)
        return
    schedule_answer(service, connection, stored, enrollment, now)
    open_task_for_words(connection, enrollment.id, stored.id, TITLES[stored.reply], now)


def _find_attempt(
    service: Service, connection: Connection, source: InboundSource, incoming: IncomingReceipt
) -> StoredAttempt | None:
    """The last attempt by the channel of the source that a receipt can be of; None where there is none."""
    digest = None
    if incoming.provider_id is not None:
        digest = service.digests.digest_of(connection, "provider", incoming.provider_id)
    attempts = []
    if incoming.message is not None:
        attempts = attempts_of_message(connection, incoming.message)
    elif digest is not None:
        attempts = attempts_of_provider_id(connection, digest)
    matching = [
        attempt
        for attempt in attempts
        if attempt.channel == source.channel
        and attempt.result != WITHDRAWN
        and (digest is None or attempt.provider_digest in (None, digest))  # None: the answer has not arrived yet
    ]
    return matching[-1] if matching else None


def _checked(
    service: Service,
    connection: Connection,
    source: InboundSource,
    receipt: ProviderReceipt,
    attempt: StoredAttempt,
    now: datetime,
) -> ProviderReceipt:
    """A receipt as it is stored: between its attempt and now, without any other text than a status code."""
    digest = service.digests.digest_of(connection, "receipt", f"{source.name} {receipt.id}")
    at = max(attempt.at, min(receipt.at, now))
    kind = receipt.kind
    if kind in _MEASURED:
        entries = [recorded.entry for recorded in list_entries(connection, attempt.person)]
        kind = kind if is_allowed(entries, Request("measurement", attempt.channel), at) else "delivered"
    status = receipt.status if kind == "bounced" and _CODE.fullmatch(receipt.status) else ""
    return ProviderReceipt(digest, at, kind, status)


def _store_arrival(connection: Connection, attempt: StoredAttempt, now: datetime) -> None:
    """A message that arrived is sent, whether its answer was lost or has not come yet."""
    stored = find_message(connection, attempt.message)
    if stored is not None and stored.status in (UNKNOWN, SENDING):
        update_message(connection, replace(stored, status="sent", reason=None, next_at=None, ended_at=now))
        schedule_followers(connection, stored.enrollment)


def _is_reached(connection: Connection, person: str, channel: str, now: datetime) -> bool:
    """Whether a person allows any message on a channel."""
    entries = [recorded.entry for recorded in list_entries(connection, person)]
    requests = {
        Request(purpose, channel, entry.topic)
        for entry in entries
        if entry.kind == "grant"
        for purpose in (PURPOSES if entry.purpose is None else (entry.purpose,))
    }
    return any(is_allowed(entries, request, now) for request in requests)
