"""The daily digest of the inbox by mail, at most once a day. It names texts, never a patient.

A worker claims the day of an account before it sends. After a crash between claim and mail, the digest of this day is
lost and none is repeated; what it would have told is in that of the next day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from journeys.primitives.problems import counted
from service.access import digests
from service.access.store.accounts import Account
from service.operations.loop import Loop
from service.outreach.outbox import Outbox
from service.outreach.port import Accepted, Envelope, Transient
from service.platform.logs import log
from service.publishing.inbox import Inbox, read_inbox

#: Seconds between two looks at whether a digest is due.
LOOK_SECONDS = 60.0
#: The channel that sends digests, the longest that a mail is useful, and the most names on a line.
CHANNEL, USEFUL, MOST_NAMES = "email", timedelta(days=1), 8


class DigestSender(Loop):
    """Sends the digests of a day once its hour (UTC) has come."""

    kind = "digests"
    trouble = "digest-trouble"
    without_database = "digests-wait-for-the-database"

    def __init__(self, outbox: Outbox, hour: int, interval: float = LOOK_SECONDS) -> None:
        super().__init__(outbox.service, interval)
        self._outbox = outbox
        self._hour = hour

    def work(self) -> None:
        """Sends what is due."""
        send_digests(self._outbox, self._hour)

    def end(self) -> None:
        """Ends idle connections to the mail server."""
        self._outbox.close()


def send_digests(outbox: Outbox, hour: int) -> int:
    """Send the digest of today to each account that wants one and has something new, and return the number sent.

    The day of an account without news is claimed too: later news are in the next digest.

    Args:
        outbox: the service with its channels; one is mail.
        hour: the hour (UTC) of the day from which digests leave.
    """
    service = outbox.service
    now = service.clock()
    day = now.date().isoformat()
    due = digests.list_unclaimed(service, digests.list_recipients(service), day) if now.hour >= hour else []
    inbox = read_inbox(service, now=now) if due else Inbox()
    count = 0
    for account, told_until in due:
        own = inbox.of(account)
        new = own.since(told_until) if told_until is not None else own
        if not digests.claim(service, account, day) or not len(new):
            continue
        envelope = digest_envelope(account, own, new, outbox.public_url, now)
        outcome = outbox.channels[CHANNEL].channel.send(envelope, service.new_id())
        if isinstance(outcome, Accepted):
            digests.store_sent(service, account, now)
            count += 1
            continue
        log().warning("digest-not-sent", account=account.id, outcome=type(outcome).__name__)
        if isinstance(outcome, Transient):  # the server certainly does not have it; the others wait for it too
            digests.give_back(service, account, day)
            break
    return count


def digest_envelope(account: Account, own: Inbox, new: Inbox, public_url: str, now: datetime) -> Envelope:
    """Return the mail to an account.

    Args:
        account: the account, which has an address.
        own: everything that waits for the account.
        new: what is new in it.
        public_url: the address of this service, without a slash at its end.
        now: the current instant.
    """
    page = f"{public_url}/room/inbox"
    paragraphs = [
        "New in your inbox:",
        *_paragraphs(account, new, public_url),
        f"In all, your inbox has {len(own)}:\n{page}",
        "You get this mail at most once a day. To switch it off, use the button at the end of that page:\n"
        f"{page}#digest",
    ]
    return Envelope(
        address=account.email or "",
        subject=f"Your inbox: {len(new)} new",
        text="\n\n".join(paragraphs),
        locale="en",
        useful_until=now + USEFUL,
        list_id=f"inbox.{urlsplit(public_url).hostname}",
    )


def _paragraphs(account: Account, new: Inbox, public_url: str) -> Iterator[str]:
    journeys = f"{public_url}/room/journeys"
    for line in new.waiting_texts([account]):
        names = [
            _name(item.status.subject.kind, item.status.subject.key)
            for item in new.waiting
            if (item.status.subject.journey, item.function, item.status.subject.locale)
            == (line.journey, line.function, line.locale)
        ]
        verb = "waits" if line.count == 1 else "wait"
        yield (
            f"{counted(line.count, 'text')} of {line.journey} ({line.locale}) {verb} for your signature as "
            f"{line.function}: {_listed(names)}\n"
            f"{journeys}/{line.journey}/queue?function={line.function}&locale={quote(line.locale)}"
        )
    if new.ending:
        names = [_name(item.status.subject.kind, item.status.subject.key) for item in new.ending]
        first = new.ending[0].ends.date().isoformat()
        yield f"{counted(len(names), 'signature')} can be renewed, the first ends on {first}: {_listed(names)}"
    for rejected in new.rejected:
        subject = rejected.status.subject
        who = rejected.status.rejection.printed_name if rejected.status.rejection is not None else ""
        yield f"{who} rejected {_name(subject.kind, subject.key)} of {subject.journey} ({subject.locale})."
    for commented in new.comments:
        comment = commented.comment
        last = comment.steps[-1].printed_name if comment.steps else comment.printed_name
        verb = "answered a comment" if comment.steps else "commented"
        yield f"{last} {verb} on {comment.piece} of {comment.journey} ({comment.locale})."


def _name(kind: str, key: str) -> str:
    return key if kind == "piece" else "titles and words"


def _listed(names: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(names))
    more = len(distinct) - MOST_NAMES
    return ", ".join(distinct[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
