"""Listening to a mail server: reports on our messages, complaints, and the words of persons; automatic mail is ignored.

Anybody can write a mail: a report counts only where it names a mailbox that this service tagged for a message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from journeys.outreach.incoming import (
    AutomaticMail,
    DeliveryStatusReport,
    FeedbackReport,
    MailEnvelope,
    MessageReference,
    ProviderReceipt,
    Reply,
    read_mail,
    read_mailed_reply,
)
from service.outreach.listen import IncomingReceipt, IncomingWords, take_receipt, take_words
from service.outreach.mail_message import key_of_mailbox
from service.platform.configuration import Configuration
from service.platform.inbound_sources import InboundSource
from service.platform.setting_values import ConfigurationError
from service.publishing.service import Service

MAIL = InboundSource("mail", "email")
#: The mail server itself; its name is not accepted in the setting.


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMailboxes:
    """The addresses that this service sends from and receives at.

    `bounces` is tagged by `secret` for each message; mail to `unsubscribe` ends the mail to its writer.
    """

    addresses: tuple[str, ...]
    bounces: str
    unsubscribe: str
    secret: bytes = field(repr=False)


def own_mailboxes(service: Service, config: Configuration) -> OwnMailboxes:
    """The addresses at which mail to this service arrives.

    Raises:
        ConfigurationError: they are not set.
    """
    _, sender = parseaddr(config.mail_from)
    if not sender or not config.mail_bounces:
        raise ConfigurationError(["Set mail_from and mail_bounces: they tell our own mail from that of others."])
    addresses = tuple(filter(None, (sender, config.mail_bounces, config.mail_unsubscribe)))
    return OwnMailboxes(
        addresses=addresses,
        bounces=config.mail_bounces,
        unsubscribe=config.mail_unsubscribe,
        secret=bounce_secret(service),
    )


def bounce_secret(service: Service) -> bytes:
    """The secret that tags the mailbox for the bounces of each message."""
    with service.database.reading() as connection:
        return service.digests.digest_of(connection, "bounce", "").encode()


def take_mail(service: Service, mailboxes: OwnMailboxes, raw: bytes, envelope: MailEnvelope | None) -> None:
    """Stores what a mail tells, once however often it is delivered; a mail that tells nothing changes nothing.

    Args:
        service: the service.
        mailboxes: our own addresses.
        raw: the mail as it arrived.
        envelope: the addresses of the session; None: the header says them.
    """
    mail = read_mail(raw, mailboxes.addresses, envelope)
    ends_mail = envelope is not None and envelope.recipient.strip(" <>").lower() == mailboxes.unsubscribe.lower()
    id = mail.message_id or hashlib.sha256(raw).hexdigest()
    now = service.clock()
    match mail:
        case AutomaticMail():
            return
        case DeliveryStatusReport() | FeedbackReport():
            key = _key(mail.reference, mailboxes)
            for receipt in _receipts(mail, id, now) if key is not None else ():
                take_receipt(service, MAIL, IncomingReceipt(receipt=receipt, message=key))
        case _:
            words = IncomingWords(
                id=id,
                sender=mail.sender,
                text=mail.text or mail.subject,
                at=now,
                reply_in=_revokes if ends_mail else partial(read_mailed_reply, mail),
            )
            take_words(service, MAIL, words)


def _revokes(_: str) -> Reply:
    """A mail to the mailbox that ends mail says so by its recipient, whatever is in it."""
    return "revokes"


def _receipts(report: DeliveryStatusReport | FeedbackReport, id: str, now: datetime) -> Iterator[ProviderReceipt]:
    """The receipts of a report; a delay, and a hand-over to a system that reports nothing, say nothing yet."""
    if isinstance(report, FeedbackReport):
        if report.is_complaint:
            yield ProviderReceipt(id, now, "complained")
        return
    for number, recipient in enumerate(report.recipients):
        if recipient.action == "failed":
            yield ProviderReceipt(f"{number} {id}", now, "bounced", recipient.status)
        elif recipient.action == "delivered":
            yield ProviderReceipt(f"{number} {id}", now, "delivered")


def _key(reference: MessageReference, mailboxes: OwnMailboxes) -> str | None:
    """The key of the message that a report is about, or None where the tag is not ours."""
    local, _, domain = mailboxes.bounces.partition("@")
    return key_of_mailbox(f"{local}+{reference.tag}@{domain}", mailboxes.bounces, mailboxes.secret)
