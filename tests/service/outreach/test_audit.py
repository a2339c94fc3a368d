"""Nothing leaves without permission: random ledgers in any order of arrival, clocks, answers of providers, and crashes.

The oracle reads the tables after a run and shares no code with the gate.
"""

import itertools
import json
import os
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from journeys.permission import PermissionEntry
from service.outreach import weigh
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, AnswerLost, OptedOut, Permanent, Reason, Transient
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from service.permission.record import add_to_ledger
from service.permission.store import list_entries
from service.persons import store as persons
from service.platform.database import tables
from service.platform.database.payload import unseal
from tests.service.outreach.people_reached import TEXT, Provider, Reaching

CHANNELS = ("email", "sms", "push")
ZONES = ("Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Europe/Madrid")
DAYS = 24
RUNS = int(os.environ.get("JOURNEYS_TEST_AUDITS", "4"))
STEPS = 60
START = datetime(2026, 10, 20, 6, tzinfo=UTC)
TIMERS = "".join(f"          - {{delay: P{day}D, remind: day-{day % 3}}}\n" for day in range(1, DAYS))
JOURNEY = f"""
journey: daily
title: {{en: Day by day}}
locales: [en]
triggers:
  told: {{by: [patient, staff], title: {{en: Told}}}}
  paused: {{by: [patient, staff], title: {{en: Paused}}}}
ends:
  left: {{by: [patient, staff], title: {{en: Left}}}}
entry:
  begin: {{title: {{en: Begin}}, state: course.going_on}}
tracks:
  course:
    initial: going_on
    states:
      going_on:
        title: {{en: Going on}}
        on: {{paused: resting}}
        no_content: only reminders
        after:
{TIMERS}
      resting:
        title: {{en: Resting}}
        no_content: nothing to read
        on: {{told: going_on}}
"""
PIECE = """---
title: A reminder
summary: Please do it.
subject: A reminder
text: Please do it today.
push: Please do it today.
---
Please do it **today**.
"""


class Killed(BaseException):
    """A process that ends in the middle of its work."""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "daily.yaml").write_text(JOURNEY)
    for number in range(3):
        folder = tmp_path / "content" / "daily" / "course" / "going_on" / f"day-{number}"
        folder.mkdir(parents=True)
        channels = ", ".join(("web", *CHANNELS))
        (folder / "piece.yaml").write_text(
            f"purpose: adherence\nreminder: true\nuseful_for: P3D\nchannels: [{channels}]\n"
        )
        (folder / "en.md").write_text(PIECE)
    return tmp_path


@dataclass
class Watched(Provider):
    """A provider whose calls are compared with what a test knows of the patient."""

    run: "Run" = None

    def send(self, envelope, key):
        address = json.loads(envelope.address)["endpoint"] if envelope.address.startswith("{") else envelope.address
        if self.run.owners.get(address) in self.run.resting:
            self.run.faults.append(f"the state was left: {key}")
        return super().send(envelope, key)


class Run:
    """Random people, who grant, revoke, move and are reached by providers that fail in every way."""

    def __init__(self, reaching: Reaching, seed: int) -> None:
        self.random = random.Random(seed)
        self.clinic = reaching.clinic
        self.reaching = reaching
        self.owners: dict[str, str] = {}  # enrollments by address
        self.resting: set[str] = set()
        self.faults: list[str] = []
        setups = {
            name: ChannelSetup(Watched([self.answer], run=self), tells_repeats=name == "sms") for name in CHANNELS
        }
        self.outbox = replace(reaching.outbox, channels=setups)
        self.enrollments = [self.patient(f"s{seed}p{number}") for number in range(3)]

    def answer(self):
        roll = self.random.random()
        if roll < 0.06:
            raise Killed
        if roll < 0.6:
            return Accepted(f"id-{self.random.random()}")
        return self.random.choice(
            [
                Transient(Reason.BUSY, "429"),
                Permanent(Reason.REFUSED, "5.7.1"),
                Permanent(Reason.ENDED, "410"),
                AnswerLost(Reason.TIMEOUT),
                OptedOut("21610"),
            ]
        )

    def patient(self, reference: str) -> str:
        zone = self.random.choice(ZONES)
        body = {
            "key": "k1",
            "journey": "daily",
            "patient": {"ref": reference, "locale": "en", "time_zone": zone},
            "at": {"entry": "begin", "occurred_at": START.isoformat()},
        }
        enrollment = self.clinic.post("/v1/enrollments", self.clinic.phone, body)["id"]
        own = self.clinic.token_of_patient(reference)
        addresses = {
            "email": f"{reference}@example.org",
            "sms": f"+1505555{self.random.randrange(1000, 9999)}",
            "push": {"endpoint": f"https://push.example.org/{reference}", "keys": {"p256dh": "a", "auth": "b"}},
        }
        for channel in CHANNELS:
            address = addresses[channel]
            self.owners[address if isinstance(address, str) else address["endpoint"]] = enrollment
        for channel in self.random.sample(CHANNELS, self.random.randint(1, 3)):
            self.clinic.post("/v1/me/contacts", own, {"channel": channel, "address": addresses[channel]})
        return enrollment

    def step(self) -> None:
        enrollment = self.random.choice(self.enrollments)
        act = self.random.choice([self.speak, self.speak, self.pass_time, self.pass_time, self.report, self.send])
        act(enrollment) if act in (self.speak, self.report) else act()

    def speak(self, enrollment: str) -> None:
        now = self.clinic.clock()
        owner = self.reaching.person_of(enrollment)
        entry = PermissionEntry(
            id=self.clinic.service.new_id(),
            kind=self.random.choice(["grant", "grant", "revoke"]),
            by="patient",
            method="app",
            occurred_at=now - timedelta(hours=self.random.choice([0, 0, 1, 30])),
            purpose=self.random.choice([None, "adherence", "treatment"]),
            channel=self.random.choice([None, *CHANNELS]),
            until=self.random.choice([None, None, now + timedelta(days=3)]),
            text=TEXT,
        )
        with self.clinic.service.database.writing() as connection:
            person = persons.lock_person(connection, owner)
            add_to_ledger(connection, person, entry, now)

    def report(self, enrollment: str) -> None:
        trigger = self.random.choice(["paused", "told", "told", "told"])
        self.clinic.report(enrollment, self.clinic.staff, trigger)
        self.resting.discard(enrollment) if trigger == "told" else self.resting.add(enrollment)

    def pass_time(self) -> None:
        self.clinic.clock.pass_by(minutes=self.random.choice([1, 7, 61, 600, 1440]))

    def send(self) -> None:
        self.clinic.worker().fire_all()
        schedule_reminders(self.outbox.service)
        try:
            for _ in range(20):
                if not send_next(self.outbox):
                    break
        except Killed:
            self.clinic.clock.pass_by(minutes=self.random.choice([0, 2]))


def allowed_by(entries, purpose: str, channel: str, at: datetime) -> bool:
    """The rule of the ledger, written anew: the last word before an instant counts, a no before a yes."""
    last = None
    for entry in entries:
        if entry.occurred_at > at or entry.purpose not in (None, purpose) or entry.channel not in (None, channel):
            continue
        key = (
            entry.occurred_at,
            entry.kind == "revoke",
            -(entry.until or datetime.max.replace(tzinfo=UTC)).timestamp(),
        )
        if last is None or key > last[0]:
            last = (key, entry)
    return last is not None and last[1].kind == "grant" and (last[1].until is None or last[1].until > at)


def faults_of(run: Run) -> list[str]:
    """Every attempt that should not have been, by the tables alone, and by what the test knows."""
    service, faults = run.clinic.service, list(run.faults)
    with service.database.reading() as connection:
        attempts = connection.execute(select(tables.attempts)).all()
        messages = {row.id: row for row in connection.execute(select(tables.messages))}
        people = {row.id: row for row in connection.execute(select(tables.persons))}
        ledgers = {person: list_entries(connection, person) for person in people}
    for attempt in attempts:
        known = [each.entry for each in ledgers[attempt.person] if each.sequence < attempt.sequence]
        if not allowed_by(known, attempt.purpose, attempt.channel, attempt.at):
            faults.append(f"no permission: {attempt}")
        if attempt.at >= messages[attempt.message].useful_until:
            faults.append(f"too late: {attempt}")
        hour = attempt.at.astimezone(ZoneInfo(people[attempt.person].time_zone)).hour
        if attempt.channel != "email" and (hour >= 21 or hour < 8):
            faults.append(f"quiet hours: {attempt}")
    for person in people:
        order = sorted(
            [each.sequence for each in ledgers[person]] + [each.sequence for each in attempts if each.person == person]
        )
        if order != list(range(1, len(order) + 1)):
            faults.append(f"no single order: {person}")
    for person in people:
        arrived = [
            (unseal(messages[each.message].payload)["piece"], each)
            for each in sorted(attempts, key=lambda attempt: attempt.sequence)
            if each.person == person and each.result in ("begun", "accepted", "lost")
        ]
        for (piece, first), (again, second) in itertools.combinations(arrived, 2):
            if piece == again and first.message != second.message and second.at - first.at < timedelta(days=7):
                faults.append(f"the same again within a week: {second}")
    sent = [attempt.message for attempt in attempts if attempt.result == "accepted"]
    faults += [f"accepted twice: {message}" for message in set(sent) if sent.count(message) > 1]
    return faults


def play(clinic, files, seed: int) -> Run:
    clinic.publish(files / "definitions", files / "content")
    clinic.clock.now = START
    run = Run(Reaching(clinic), seed)
    for _ in range(STEPS):
        run.step()
    return run


@pytest.mark.parametrize("seed", range(RUNS))
def test_every_attempt_was_allowed_when_it_was_made(clinic, files, seed):
    assert faults_of(play(clinic, files, seed)) == []


@pytest.mark.parametrize("check", ["permitted", "quiet_hours", "repeated"])
def test_the_audit_finds_what_a_missing_check_lets_out(clinic, files, check, monkeypatch):
    from journeys.outreach import gate

    remaining = tuple(step for step in gate.CHECKS if step.__name__.strip("_") != check)
    assert len(remaining) == len(gate.CHECKS) - 1
    monkeypatch.setattr(gate, "CHECKS", remaining)
    assert weigh.decide is gate.decide
    for seed in range(8):
        if faults_of(play(clinic, files, seed)):
            return
    raise AssertionError(f"nobody noticed that {check} was missing")
