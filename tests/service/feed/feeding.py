"""A clinic with a feed, and systems to which it is delivered."""

from __future__ import annotations

from sqlalchemy import select

from journeys.permission import ConsentText, PermissionEntry
from service.feed.declare import add_endpoint
from service.feed.deliver import FeedTransports, deliver_next
from service.feed.publish import publish_changes
from service.feed.store.endpoints import FeedEndpoint
from service.outreach.port import Accepted
from service.permission.ledger import add_to_ledger
from service.persons import store as persons
from service.platform.database.tables import feed_deliveries, feed_entries

TEXT = ConsentText("sharing", "1", "d" * 64, "en")
URL = "https://hooks.acme.example/journeys"


class Receiver:
    """A transport that keeps what it gets, and answers by a list: each answer once, the last for ever."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers) or [Accepted()]
        self.got = []

    def send(self, envelope, key):
        self.got.append((key, envelope))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer

    @property
    def ids(self) -> list[str]:
        return [key for key, _ in self.got]


class Feeding:
    """A clinic and its feed."""

    def __init__(self, clinic, *answers) -> None:
        self.clinic = clinic
        self.receiver = Receiver(*answers)
        self.transports = FeedTransports(clinic.service, {"https": self.receiver})

    def publish(self) -> None:
        while publish_changes(self.clinic.service):
            pass

    def read(self, token: str | None = None, query: str = "limit=100") -> list[dict]:
        answer = self.clinic.get(f"/v1/feed?{query}", token or self.clinic.staff)
        assert answer.status == 200, answer.data
        return answer["items"]

    def words(self, token: str | None = None) -> list[str]:
        """Each event as its type and what it is about."""
        return [in_words(event) for event in self.read(token)]

    def endpoint(self, recipient: str = "acme", url: str = URL, journey: str | None = None) -> FeedEndpoint:
        return add_endpoint(self.clinic.service, url, recipient, journey)

    def person_of(self, enrollment: str) -> str:
        return self.clinic.read(enrollment, self.clinic.staff)["patient"]["person"]

    def record(self, enrollment: str, kind: str = "grant", purpose: str | None = "share:acme", **more) -> None:
        """Adds an entry about sharing to the ledger of a patient."""
        service, owner = self.clinic.service, self.person_of(enrollment)
        text = TEXT if kind == "grant" else None
        entry = PermissionEntry(
            id=service.new_id(),
            kind=kind,
            by="patient",
            method="app",
            occurred_at=service.clock(),
            purpose=purpose,
            text=text,
            **more,
        )
        with service.database.writing() as connection:
            person = persons.lock_person(connection, owner)
            add_to_ledger(connection, person, entry, service.clock())

    def deliver(self) -> None:
        """Delivers until nothing is due."""
        for _ in range(500):
            if not deliver_next(self.transports):
                return
        raise AssertionError("the deliverer never rests")

    def work(self) -> None:
        self.clinic.worker().fire_all()
        self.publish()
        self.deliver()

    def deliveries(self) -> list:
        with self.clinic.service.database.reading() as connection:
            rows = select(feed_deliveries).order_by(feed_deliveries.c.person, feed_deliveries.c.sequence)
            return connection.execute(rows).all()

    def positions(self) -> list[int]:
        with self.clinic.service.database.reading() as connection:
            rows = select(feed_entries.c.position).order_by(feed_entries.c.position)
            return list(connection.execute(rows).scalars())


def in_words(event: dict) -> str:
    data = event["data"]
    detail = data.get("piece") or data.get("trigger") or data.get("type") or data["state"]
    return f"{event['type'].removeprefix('journeys.')} {detail.removeprefix('journeys.')}"
