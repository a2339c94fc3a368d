"""O5: a message that cannot be weighed and a provider that hangs: all others leave within twice the normal time."""

import threading
import time
from dataclasses import replace

from service.operations.sender import Sender
from service.outreach import send
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Reason, Transient
from service.outreach.schedule import schedule_reminders
from tests.faults.counting import amount, tally
from tests.service.clinic import Clinic
from tests.service.operations.test_sender import NUMBER, published_rows, until  # noqa: F401
from tests.service.outreach.people_reached import Provider, Reaching

DUE = "2026-07-29T18:00:00"
HANGING = 20
#: Messages of the provider that hangs.
MOST_SECONDS = 200
NOISE = 1.0
#: Seconds of a short run: the first wait for the provider that hangs, and whatever else runs on the machine.


class Hanging:
    """A provider that answers nobody until the test ends."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def send(self, envelope, key):
        self.ended.wait(10)
        return Transient(Reason.TIMEOUT)


class Round:
    """Patients whose text messages are due; with trouble, one of them cannot be weighed, and mail hangs for others."""

    def __init__(self, clinic: Clinic, name: str, count: int, *, trouble: bool) -> None:
        self.reaching = Reaching(clinic)
        self.texts, self.mail = Provider([Accepted()]), Hanging()
        channels = {"email": ChannelSetup(self.mail), "sms": ChannelSetup(self.texts)}
        self.sender = Sender(replace(self.reaching.outbox, channels=channels), 0.01)
        self.count = count
        for number in range(HANGING if trouble else 0):
            self.reaching.reachable_patient(f"{name}mail{number}")
        people = [self.patient(f"{name}{number}", number) for number in range(count + trouble)]
        self.poisoned = self.reaching.person_of(people[count // 2]) if trouble else None
        clinic.clock.set(DUE)
        clinic.worker().fire_all()
        while schedule_reminders(clinic.service):
            pass

    def patient(self, name: str, number: int) -> str:
        clinic = self.reaching.clinic
        enrollment = clinic.enroll(name)
        body = {"channel": "sms", "address": NUMBER.format(number)}
        assert clinic.post("/v1/me/contacts", clinic.token_of_patient(name), body).status == 200
        self.reaching.record(enrollment, "grant")
        return enrollment

    def seconds(self) -> float:
        """Sends with the sender of production; returns how long it took until every message of the others left."""
        begun = time.monotonic()
        self.sender.start()
        try:
            while len(self.texts.got) < self.count and time.monotonic() - begun < MOST_SECONDS:
                time.sleep(0.002)
            seconds = time.monotonic() - begun
            assert self.poisoned is None or until(lambda: self.poisoned_message().tries > 0)
            return seconds
        finally:
            self.mail.ended.set()
            self.sender.stop()

    def poisoned_message(self):
        (message,) = [row for row in self.reaching.messages() if row.person == self.poisoned]
        return message


def test_o5_a_poisoned_message_and_a_provider_that_hangs(clinic, database_url, monkeypatch):
    count, clock = amount(60, 1000), clinic.clock
    start, weigh = clock(), send.weigh
    with tally("O5", f"{count} messages, one poisoned, and one provider hangs", database_url) as counts:
        normal = [Round(clinic, "before", count, trouble=False).seconds()]
        clock.now = start
        troubled = Round(clinic, "trouble", count, trouble=True)

        def weighed(outbox, connection, basis, now):
            return 1 / 0 if basis.person.id == troubled.poisoned else weigh(outbox, connection, basis, now)

        monkeypatch.setattr(send, "weigh", weighed)
        with_trouble = troubled.seconds()
        poisoned = troubled.poisoned_message()
        assert poisoned.status == "scheduled"
        clock.now = start
        normal.append(Round(clinic, "after", count, trouble=False).seconds())  # the load of the machine changes
        without = sum(normal) / len(normal)
        counts.rounds, counts.acknowledged = 1, count
        counts.lost = count - len(troubled.texts.got)
        counts.doubled = count - len({key for key, _ in troubled.texts.got})
        counts.notes[f"{with_trouble:.1f} s with trouble, {without:.1f} s without"] += 1
        counts.errors = int(with_trouble > 2 * without + NOISE)
        assert counts.errors == 0, (with_trouble, normal)
        clock.pass_by(days=30)
        troubled.reaching.work()
        poisoned = troubled.poisoned_message()
        assert (poisoned.status, poisoned.reason) == ("expired", "too_late")
