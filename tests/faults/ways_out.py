"""What leaves during a life: messages by a provider that fails now and then, and webhooks, each with its time."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from functools import partial

from journeys.permission import PermissionEntry
from service.access.tokens import recognise
from service.feed.declare import add_endpoint
from service.feed.deliver import FeedTransports, deliver_next
from service.outreach.occasions import schedule_occasions
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.port import Accepted, AnswerLost, Reason, Transient
from service.outreach.providers import Providers
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from service.permission.ledger import add_to_ledger
from service.persons.own import add_contact
from service.persons.store import lock_person
from tests.faults.routes import CALLERS
from tests.service.outreach.people_reached import TEXT

ADDRESSES = {"email": "p1@example.org", "sms": "+15055550178"}
RECIPIENT = "records"
PURPOSES = (None, f"share:{RECIPIENT}")
IDS_OF_MESSAGES = 5000
MOST_STEPS = 500


class WaysOut:
    """The sender and the deliveries of a life; `left` is everything that was handed over, in order."""

    def __init__(self, life) -> None:
        self.life = life
        self.left: list[tuple] = []
        self.calls: Counter[str] = Counter()
        self.providers = Providers()

    def send(self, envelope, key):
        """Takes a message or an event; what it answers depends on the key alone, and how often it came."""
        self.left.append((self.life.clock(), key, envelope))
        self.calls[key] += 1
        answers = [Accepted(key), Accepted(key), Transient(Reason.BUSY, "429"), AnswerLost(Reason.TIMEOUT)]
        return answers[zlib.crc32(key.encode()) % len(answers)] if self.calls[key] == 1 else Accepted(key)

    def open(self, enrollment: str) -> None:
        """Gives the patient contacts and permissions, and another system the feed."""
        service, now = self.life.service, self.life.clock()
        for channel, address in ADDRESSES.items():
            person = add_contact(service, CALLERS["patient"], None, channel, address).person
        self.reach_caregiver()
        add_endpoint(service, "https://records.example.org/events", RECIPIENT, None)
        with service.database.writing() as connection:
            for purpose in PURPOSES:
                entry = PermissionEntry(
                    id=service.new_id(),
                    kind="grant",
                    by="patient",
                    method="app",
                    occurred_at=now,
                    purpose=purpose,
                    text=TEXT,
                )
                owner = lock_person(connection, person.id)
                assert owner is not None
                add_to_ledger(connection, owner, entry, now)

    def reach_caregiver(self) -> None:
        """Gives the caregiver of the life a contact and a permission, by which messages leave too."""
        service, now = self.life.service, self.life.clock()
        aunt = recognise(service, self.life.senders["family"])
        person = add_contact(service, aunt, None, "email", "aunt@example.org").person
        entry = PermissionEntry(
            id=service.new_id(), kind="grant", by="caregiver", method="app", occurred_at=now, purpose=None, text=TEXT
        )
        with service.database.writing() as connection:
            owner = lock_person(connection, person.id)
            assert owner is not None
            add_to_ledger(connection, owner, entry, now)

    def work(self) -> None:
        """Does what the workers of a service do: timers fire, messages are made and sent, events delivered."""
        life = self.life
        life.worker().fire_all()
        life.issued = IDS_OF_MESSAGES
        outbox = Outbox(
            service=life.service,
            channels={channel: ChannelSetup(self) for channel in ADDRESSES},
            public_url="https://guide.example.org",
            providers=self.providers,
        )
        transports = FeedTransports(life.service, {"https": self})
        for step in (
            partial(schedule_reminders, life.service),
            partial(schedule_occasions, life.service),
            partial(send_next, outbox),
            partial(deliver_next, transports),
        ):
            until_rest(step)


def until_rest(step: Callable[[], object]) -> None:
    """Takes a step again and again until it says that there is nothing to do.

    Raises:
        AssertionError: it never rests.
    """
    for _ in range(MOST_STEPS):
        if not step():
            return
    raise AssertionError("It never rests.")
