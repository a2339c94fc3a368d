"""What receipts of providers mean for a contact and for permission. Their order of arrival decides nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

ReceiptKind = Literal["delivered", "opened", "clicked", "bounced", "complained", "opted_out"]
Consequence = Literal["bad_contact", "counts", "our_fault", "nothing"]

_REACHED: tuple[ReceiptKind, ...] = ("delivered", "opened", "clicked")
_DAYS = 3
_WINDOW = timedelta(days=14)
#: A contact becomes bad on the third day with a bounce that counts, of 14 days that follow each other.
_ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})")
_HTTP = re.compile(r"[1-5][0-9]{2}")
_OF_THE_SENDER = ("1.7", "1.8", "2.3", "3.4")
#: Our own address is bad (X.1.7, X.1.8), or our message is too long for the mailbox or its system (X.2.3, X.3.4).


@dataclass(frozen=True, slots=True)
class ProviderReceipt:
    """What a provider told of a message to a contact.

    Attributes:
        id: the provider's id of the receipt; the same id twice counts once.
        at: when it happened, by the provider's word, UTC.
        kind: what happened; `opted_out`: a carrier refuses because the person told it to.
        status: of a bounce the enhanced status code (RFC 3463), to which adapters translate the codes of text messages
            and the reply codes of SMTP (450 is `4.0.0`, 550 is `5.0.0`); only of push three digits, the HTTP status of
            the push service; empty where the provider has none.
    """

    id: str
    at: datetime
    kind: ReceiptKind
    status: str = ""


@dataclass(frozen=True, slots=True)
class ContactHealth:
    """What all receipts of a contact come to.

    Attributes:
        bad_since: when the contact became bad, UTC; None: it is good.
        revocations: the receipts that revoke the permission for its channel: `complained` by complaint, `opted_out` by
            the carrier.
        alerts: the bounces that are our own fault; an operator is alerted.
    """

    bad_since: datetime | None = None
    revocations: tuple[ProviderReceipt, ...] = ()
    alerts: tuple[ProviderReceipt, ...] = ()


def contact_health(receipts: Iterable[ProviderReceipt]) -> ContactHealth:
    """What the receipts of a contact come to, since it was last verified; in any order, with repetitions.

    A later delivery clears the count of bounces, and makes a contact good that only the count made bad. A contact that
    does not exist stays bad until it is verified again.
    """
    bad_since = None
    is_final = False
    days: list[date] = []
    ordered = _in_order(receipts)
    for receipt in ordered:
        if is_final:
            break
        consequence = consequence_of(receipt.status) if receipt.kind == "bounced" else "nothing"
        if receipt.kind in _REACHED:
            bad_since, days = None, []
        elif consequence == "bad_contact":
            bad_since, is_final = bad_since or receipt.at, True
        elif consequence == "counts":
            day = receipt.at.astimezone(UTC).date()
            days = [*(earlier for earlier in days if earlier != day and day - earlier < _WINDOW), day]
            bad_since = bad_since or (receipt.at if len(days) >= _DAYS else None)
    return ContactHealth(
        bad_since,
        tuple(receipt for receipt in ordered if receipt.kind in ("complained", "opted_out")),
        tuple(
            receipt
            for receipt in ordered
            if receipt.kind == "bounced" and consequence_of(receipt.status) == "our_fault"
        ),
    )


def consequence_of(status: str) -> Consequence:
    """What a bounce means for the contact.

    | status | means | because |
    |---|---|---|
    | 5.1.x, HTTP 404 and 410 | `bad_contact` | the address or the subscription does not exist |
    | 5.5.x, 5.6.x, 5.7.x | `our_fault` | our protocol, our content, our reputation or signature |
    | 5.1.7, 5.1.8, 5.2.3, 5.3.4 | `our_fault` | our own address is refused, or the message is too long |
    | HTTP 400, 401, 403, 413 and the like | `our_fault` | our request or our key |
    | 4.x.x, 5.2.x, 5.3.x, 5.4.x | `counts` | a full or closed mailbox, a server or a route that may come back |
    | 5.0.0, no or another status | `counts` | nobody says why; three days of it are enough |
    | HTTP 408, 429, 5xx | `nothing` | the push service has trouble, the subscription has not |

    Args:
        status: an enhanced status code, or of push an HTTP status; see `ProviderReceipt`.
    """
    if _HTTP.fullmatch(status):
        if status in ("404", "410"):
            return "bad_contact"
        return "nothing" if _is_passing(status) else "our_fault"
    match = _ENHANCED.fullmatch(status)
    if match is None or match[1] != "5":
        return "counts"
    if match[2] in ("5", "6", "7") or f"{match[2]}.{match[3]}" in _OF_THE_SENDER:
        return "our_fault"
    return "bad_contact" if match[2] == "1" else "counts"


def is_worth_retrying(status: str) -> bool:
    """Whether the same message may get through later: 4.x.x, a full mailbox (5.2.2), HTTP 408, 429 and 5xx."""
    if _HTTP.fullmatch(status):
        return _is_passing(status)
    return status == "5.2.2" or (_ENHANCED.fullmatch(status) is not None and status.startswith("4"))


def _is_passing(http_status: str) -> bool:
    return http_status in ("408", "429") or http_status.startswith("5")


def _in_order(receipts: Iterable[ProviderReceipt]) -> list[ProviderReceipt]:
    """Each receipt once, by its time; at one instant deliveries first, as only a later one clears the count."""
    by_id: dict[str, ProviderReceipt] = {}
    for receipt in sorted(receipts, key=_rank):
        by_id.setdefault(receipt.id, receipt)
    return list(by_id.values())


def _rank(receipt: ProviderReceipt) -> tuple[datetime, bool, str, str, str]:
    return receipt.at, receipt.kind not in _REACHED, receipt.id, receipt.kind, receipt.status
