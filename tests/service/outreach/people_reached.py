"""A clinic with patients who can be reached, and channels that answer as a test says."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import update

from journeys.permission import ConsentText, PermissionEntry
from service.outreach.occasions import schedule_occasions
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.port import Accepted
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from service.permission.ledger import add_to_ledger
from service.persons import store as persons
from service.platform.database.tables import attempts, messages
from tests.service.clinic import joining

TEXT = ConsentText("messages", "1", "d" * 64, "en")


@dataclass
class Provider:
    """A channel that keeps what it gets, and answers by a list: each answer once, the last for ever."""

    answers: list = field(default_factory=lambda: [Accepted("provider-1")])
    got: list = field(default_factory=list)

    def send(self, envelope, key):
        self.got.append((key, envelope))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer


class Reaching:
    """A clinic and its outbox."""

    def __init__(self, clinic) -> None:
        self.clinic = clinic
        self.mail = Provider()
        self.outbox = Outbox(
            service=clinic.service,
            channels={"email": ChannelSetup(self.mail)},
            public_url="https://guide.example.org",
            postal_address="1 Main St\nSanta Fe, NM",
            unsubscribe_mailbox="unsubscribe@guide.example.org",
        )

    def reachable_patient(self, patient: str = "p1", *, grants: bool = True, **more) -> str:
        """An enrollment of a patient with an e-mail address, who allows everything but marketing."""
        enrollment = self.clinic.enroll(patient, **more)
        own = self.clinic.token_of_patient(patient)
        body = {"channel": "email", "address": f"{patient}@example.org"}
        assert self.clinic.post("/v1/me/contacts", own, body).status == 200
        if grants:
            self.record(enrollment, "grant")
        return enrollment

    def person_of(self, enrollment: str) -> str:
        return self.clinic.read(enrollment, self.clinic.staff)["patient"]["person"]

    def learn(self, by: str, language: str, time_zone: str) -> None:
        """The service learns the language and the time zone of the patient p1 from "the person" or from "an app"."""
        if by == "the person":
            own = self.clinic.token_of_patient("p1")
            chosen = {"language": language, "time_zone": time_zone}
            assert self.clinic.call("PUT", "/v1/me/preferences", own, json=chosen).status == 200
        else:
            body = joining("p1", "k2") | {"patient": {"ref": "p1", "locale": language, "time_zone": time_zone}}
            assert self.clinic.post("/v1/enrollments", self.clinic.phone, body).status == 201

    def record(self, enrollment: str, kind: str, **more) -> None:
        """Adds an entry to the ledger of the patient."""
        self.record_of(self.person_of(enrollment), kind, **more)

    def record_of(self, owner: str, kind: str, by: str = "patient", **more) -> None:
        """Adds an entry to the ledger of a person."""
        now = self.clinic.clock()
        entry = PermissionEntry(
            id=self.clinic.service.new_id(),
            kind=kind,
            by=by,
            method="app",
            occurred_at=now,
            text=TEXT if kind == "grant" else None,
            **more,
        )
        with self.clinic.service.database.writing() as connection:
            person = persons.lock_person(connection, owner)
            add_to_ledger(connection, person, entry, now)

    def work(self) -> None:
        """Fires timers, makes messages and asks about each that is due."""
        self.clinic.worker().fire_all()
        for schedule in (schedule_reminders, schedule_occasions):
            while schedule(self.outbox.service):
                pass
        for _ in range(100):
            if not send_next(self.outbox):
                return
        raise AssertionError("the outbox never rests")

    def ask_about(self, enrollments: list[str]) -> None:
        """Lets the gate be asked about the messages of these enrollments alone."""
        now = self.clinic.clock()
        with self.clinic.service.database.writing() as connection:
            connection.execute(update(messages).where(messages.c.status == "scheduled").values(next_at=None))
            mine = messages.c.enrollment.in_(enrollments)
            connection.execute(update(messages).where(messages.c.status == "scheduled", mine).values(next_at=now))

    def messages(self) -> list:
        with self.clinic.service.database.reading() as connection:
            return connection.execute(messages.select().order_by(messages.c.id)).all()

    def attempts(self) -> list:
        with self.clinic.service.database.reading() as connection:
            return connection.execute(attempts.select().order_by(attempts.c.person, attempts.c.sequence)).all()
