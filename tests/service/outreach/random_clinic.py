"""Random patients of the daily journey, who allow, revoke, prefer, write, move and are reached by failing providers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from journeys.permission import PermissionEntry
from service.demo.reviewers import PUBLISHER, sign_everything
from service.outreach.letters import confirm_batch, return_letter
from service.outreach.listen import IncomingWords, take_words
from service.outreach.occasions import schedule_occasions
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, AnswerLost, OptedOut, Permanent, Reason, Transient
from service.outreach.post import PostChannel
from service.outreach.printing import print_letters
from service.outreach.revoke import revoke
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from service.permission.ledger import add_to_ledger
from service.persons import store as persons
from service.platform.database.tables import letters
from service.publishing import approvals
from service.publishing import publish as publishing
from service.publishing.approvals import RecallScope
from service.releases.destination import active_destination
from service.releases.migrate import migrate_patients
from service.releases.plan import plan_migration
from service.releases.policies import FOLLOW
from service.releases.policy import PolicyChoice
from tests.service.outreach.daily_journey import CHANNELS, REPLIES, SENDS, write_journey
from tests.service.outreach.listening_clinic import MAIL, TEXTS
from tests.service.outreach.people_reached import TEXT, Provider, Reaching

ZONES = (
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Europe/Madrid",
    "Pacific/Honolulu",
    "Asia/Tokyo",
)
START = datetime(2026, 10, 20, 6, tzinfo=UTC)
STEPS = 60
WORDS = ("STOP", "HELP", "HELP", "When is it?", "Good evening", "please do not stop")
SOURCES = {"email": MAIL, "sms": TEXTS}
OWN_QUIET_HOURS = (None, None, ("06:30", "12:00"), ("19:00", "10:30"))
PAUSES = (None, None, None, timedelta(hours=5), timedelta(days=2))
SENDER = ("Riverside Clinic", "1 Main St", "Santa Fe, NM")


class Killed(BaseException):
    """A process that ends in the middle of its work."""


class MortalPost(PostChannel):
    """A queue of letters whose sender may be killed before or after the call."""

    chance: random.Random

    def send(self, envelope, key):
        die = self.chance.random()
        if die < 0.04:
            raise Killed
        outcome = super().send(envelope, key)
        if die > 0.96:
            raise Killed
        return outcome


class RandomClinic(Reaching):
    """Three patients and the steps of a run; what the tables do not keep is noted with its time.

    Attributes:
        zones: the time zones of each person with the instants of the moves.
        preferences: what each person preferred, beside the time zone, since when.
        printed: when each batch of letters was printed.
        migrated_at: when each enrollment got a release without one of the reminders; those that had ended did not.
    """

    def __init__(self, clinic, folder: Path, seed: int) -> None:
        super().__init__(clinic)
        self.folder = folder
        self.random = random.Random(seed)
        self.zones: dict[str, list[tuple[datetime, str]]] = {}
        self.preferences: dict[str, list[tuple[datetime, dict]]] = {}
        self.printed: dict[str, datetime] = {}
        self.migrated_at: dict[str, datetime] = {}
        self.written = 0
        post = MortalPost(clinic.service, SENDER)
        post.chance = self.random
        setups = {name: ChannelSetup(Provider([self.answer]), tells_repeats=name == "sms") for name in CHANNELS[:3]}
        setups["post"] = ChannelSetup(post, tells_repeats=True)
        self.outbox = replace(self.outbox, channels=setups)
        self.events: dict[str, list[tuple[str, str]]] = {}  # tokens of reporters and ids of events by enrollment
        self.addresses: dict[str, dict[str, object]] = {}
        self.enrollments = [self.patient(f"s{seed}p{number}") for number in range(3)]
        self.persons = {enrollment: self.person_of(enrollment) for enrollment in self.enrollments}
        for enrollment, person in self.persons.items():
            if self.random.random() < 0.8:
                self.record(enrollment, "grant")
            self.preferences[person] = [(START, {})]
            self.zones[person] = [(START, clinic.read(enrollment, clinic.staff)["patient"]["time_zone"])]

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
        body = {
            "key": "k1",
            "journey": "daily",
            "patient": {"ref": reference, "locale": "en", "time_zone": self.random.choice(ZONES)},
            "at": {"entry": "begin", "occurred_at": START.isoformat()},
        }
        enrollment = self.clinic.post("/v1/enrollments", self.clinic.phone, body)["id"]
        addresses = {
            "email": f"{reference}@example.org",
            "sms": f"+1505555{self.random.randrange(1000, 9999)}",
            "push": {"endpoint": f"https://push.example.org/{reference}", "keys": {"p256dh": "a", "auth": "b"}},
            "post": [reference, "Calle Mayor 1", "28001 Madrid"],
        }
        own = self.clinic.token_of_patient(reference)
        channels = self.random.sample(CHANNELS, self.random.randint(2, 4))
        for channel in channels:
            body = {"channel": channel, "address": addresses[channel]}
            assert self.clinic.post("/v1/me/contacts", own, body).status == 200
        self.addresses[enrollment] = {channel: addresses[channel] for channel in channels}
        self.events[enrollment] = []
        return enrollment

    # --- steps: no two happen at the same instant --------------------------------------------------------------

    def step(self) -> None:
        self.clinic.clock.pass_by(seconds=self.random.randint(1, 59))
        steps = [self.allow] * 10 + [self.pass_time] * 22 + [self.send] * 20 + [self.report] * 12 + [self.write] * 5
        steps += (
            [self.handle_letters] * 6
            + [self.take_back] * 2
            + [self.move] * 4
            + [self.prefer] * 6
            + [self.recall, self.migrate]
        )
        self.random.choice(steps)(self.random.choice(self.enrollments))

    def allow(self, enrollment: str) -> None:
        now = self.clinic.clock()
        kind = self.random.choice(["grant", "grant", "revoke"])
        entry = PermissionEntry(
            id=self.clinic.service.new_id(),
            kind=kind,
            by="patient",
            method="app",
            occurred_at=now - timedelta(hours=self.random.choice([0, 0, 1, 30])),
            purpose=self.random.choice([None, None, "adherence", "treatment"]),
            channel=self.random.choice([None, None, *CHANNELS]),
            until=self.random.choice([None, now + timedelta(days=2)]) if kind == "grant" else None,
            text=TEXT,
        )
        with self.clinic.service.database.writing() as connection:
            person = persons.lock_person(connection, self.persons[enrollment])
            (revoke if kind == "revoke" else add_to_ledger)(connection, person, entry, now)

    def report(self, enrollment: str) -> None:
        """An event, or two that say late how it has been meanwhile."""
        triggers = ["paused", "told", "told", "worse", "explained", "left"]
        late = timedelta(seconds=self.random.choice([0, 0, self.random.randrange(200_000)]))
        if late and self.random.random() < 0.5:
            reported = self.random.choice([("paused", "told"), ("told", "paused")])
        else:
            reported = (self.random.choice(triggers[: self.random.choice([5, 5, 6])]),)
        on = max(self.clinic.clock() - late, START + timedelta(seconds=1 + len(self.events[enrollment])))
        for number, trigger in enumerate(reported):
            by = self.clinic.staff if trigger in ("worse", "explained") else self.clinic.phone
            answer = self.clinic.report(enrollment, by, trigger, (on + number * late / 2).isoformat())
            if answer.status == 200:
                self.events[enrollment].append((by, answer["decision"]["event"]))
            self.clinic.clock.pass_by(seconds=1)

    def take_back(self, enrollment: str) -> None:
        """Its reporter retracts an event: what staff take back of a patient is withheld while there is news."""
        if self.events[enrollment]:
            reporter, event = self.random.choice(self.events[enrollment])
            path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
            self.clinic.post(path, reporter, {"reason": "entered_in_error"})

    def write(self, enrollment: str) -> None:
        """Words of the patient, sometimes several times in a row."""
        channel = self.random.choice(list(SOURCES))
        sender, text = self.addresses[enrollment].get(channel), self.random.choice(WORDS)
        for _ in range(self.random.choice([1, 1, 3]) if sender is not None else 0):
            self.clinic.clock.pass_by(seconds=20)
            self.written += 1
            source, now = SOURCES[channel], self.clinic.clock()
            words = IncomingWords.of_text(source, id=f"w{self.written}", sender=sender, text=text, at=now)
            take_words(self.clinic.service, source, words)
            self.send(enrollment)

    def handle_letters(self, enrollment: str) -> None:
        """Staff print what is queued, and confirm or return what was printed earlier."""
        service = self.clinic.service
        for batch in [batch for batch in self.printed if self.random.random() < 0.5]:
            confirm_batch(service, batch)
        for file in print_letters(service, "a4").files:
            self.printed.setdefault(file.batch, self.clinic.clock())
        with service.database.reading() as connection:
            rows = connection.execute(letters.select().where(letters.c.status == "posted")).all()
        if rows and self.random.random() < 0.1:
            return_letter(service, rows[0].id)

    def move(self, enrollment: str) -> None:
        zone = self.random.choice(ZONES)
        person = self.persons[enrollment]
        kept = {name: value for name, value in self.preferences[person][-1][1].items() if name != "topics_off"}
        self.put_preferences(enrollment, kept | {"time_zone": zone})
        self.zones[person].append((self.clinic.clock(), zone))

    def prefer(self, enrollment: str) -> None:
        """Topics off or on, own quiet hours and a pause, or none of them. Topics of what has ended stay as they are."""
        now, person = self.clinic.clock(), self.persons[enrollment]
        own = self.token_of(enrollment)
        topics = sorted(topic["key"] for topic in self.clinic.get("/v1/me/preferences", own)["topics"])
        off_before = {*self.preferences[person][-1][1].get("topics_off", ())}
        quiet, pause = self.random.choice(OWN_QUIET_HOURS), self.random.choice(PAUSES)
        preferences = {
            "topics_off": self.random.sample(topics, self.random.randint(0, len(topics))),
            "quiet": {"start": quiet[0], "end": quiet[1]} if quiet is not None else None,
            "paused_until": (now + pause).isoformat() if pause is not None else None,
        }
        self.put_preferences(enrollment, preferences)
        hidden = sorted(off_before - set(topics))
        preferences = preferences | {"topics_off": [*preferences["topics_off"], *hidden]}
        self.preferences[person].append((now, preferences))

    def put_preferences(self, enrollment: str, preferences: dict) -> None:
        answer = self.clinic.call("PUT", "/v1/me/preferences", self.token_of(enrollment), json=preferences)
        assert answer.status == 200, answer.data

    def token_of(self, enrollment: str) -> str:
        return next(token for token, patient in self.clinic.patients.items() if patient == self.reference(enrollment))

    def reference(self, enrollment: str) -> str:
        return self.clinic.read(enrollment, self.clinic.staff)["patient"]["ref"]

    def recall(self, enrollment: str) -> None:
        key = self.random.choice([*SENDS, *REPLIES, "day-1", "day-2"])
        scope = RecallScope("daily", key)
        approvals.recall(self.clinic.service, PUBLISHER, scope, comment="Wrong.", now=self.clinic.clock())

    def migrate(self, enrollment: str) -> None:
        """Moves everybody to a release without one of the reminders, once."""
        if self.migrated_at:
            return
        before = self.releases()
        service, definitions = self.clinic.service, self.folder / "next"
        done = publishing.publish_from_files(service, definitions, self.folder / "content", policy=PolicyChoice(FOLLOW))
        assert done.is_done, [str(problem) for problem in done.problems]
        sign_everything(service, done)
        migrate_patients(service, plan_migration(service, "daily", active_destination(service, "daily"), None))
        changed = self.releases().items() - before.items()
        self.migrated_at = dict.fromkeys(dict(changed), self.clinic.clock())

    def releases(self) -> dict[str, str]:
        """The release of each enrollment."""
        return {each: self.clinic.read(each, self.clinic.staff)["release"] for each in self.enrollments}

    def pass_time(self, enrollment: str) -> None:
        self.clinic.clock.pass_by(minutes=self.random.choice([1, 61, 600, 1440, 1440]))

    def send(self, enrollment: str) -> None:
        self.clinic.worker().fire_all()
        schedule_reminders(self.outbox.service)
        schedule_occasions(self.outbox.service)
        try:
            for _ in range(20):
                if not send_next(self.outbox):
                    break
        except Killed:
            self.clinic.clock.pass_by(minutes=self.random.choice([0, 2]))


def play(clinic, files: Path, seed: int, steps: int = STEPS) -> RandomClinic:
    """Publishes the journey and plays a run."""
    clinic.clock.now = START - timedelta(days=1)
    clinic.publish(files / "definitions", files / "content")
    clinic.clock.now = START
    run = RandomClinic(clinic, files, seed)
    for _ in range(steps):
        run.step()
    return run


def write_next_release(files: Path) -> None:
    """Writes the release without the reminder `day-1`."""
    write_journey(files / "next", ("day-0", "day-2"))
