"""Receipts of a contact: each is stored once, and what all of them come to is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.incoming import ProviderReceipt, contact_health
from journeys.permission.entries import Actor
from service.outreach.revoke import ChannelRevocation, revoke_channel
from service.outreach.store.attempts import StoredAttempt
from service.outreach.store.receipts import add_receipt, receipts_of_contact
from service.persons.store import StoredPerson, change_contact_status
from service.platform.logs import log
from service.platform.process import Process


def store_receipt(
    process: Process,
    connection: Connection,
    person: StoredPerson,
    attempt: StoredAttempt,
    receipt: ProviderReceipt,
    now: datetime,
) -> bool:
    """Stores a receipt of an attempt for a locked person; false where it is stored already.

    The contact is bad or good as all of its receipts say. A complaint or an opt-out at the carrier revokes the channel,
    and a bounce that is our own fault is logged for the operator. The id of the receipt is a keyed digest.
    """
    earlier = receipts_of_contact(connection, attempt.contact)
    if not add_receipt(connection, receipt, attempt, now):
        return False
    was_bad = contact_health(earlier).bad_since is not None
    if contact_health([*earlier, receipt]).bad_since is not None:
        change_contact_status(connection, attempt.contact, "good", "bad")
    elif was_bad:
        change_contact_status(connection, attempt.contact, "bad", "good")
    alone = contact_health([receipt])
    for _ in alone.alerts:
        log().error("bounce-is-our-fault", message=attempt.message, channel=attempt.channel, code=receipt.status)
    for _ in alone.revocations:
        by: Actor = "complaint" if receipt.kind == "complained" else "carrier"
        revocation = ChannelRevocation(channel=attempt.channel, by=by, method=by, at=receipt.at)
        revoke_channel(process, connection, person, revocation)
    return True
