"""Recall, end, retraction and migration against sending: no claim that begins after one of them leads to an attempt.

A claim decides by the enrollment as it reads it. What is acknowledged before a claim begins counts for it; what is
acknowledged while a claim is under way may come too late for this one attempt, which is never retried. PostgreSQL is
stricter: `hold_version` locks the enrollment and the approvals just before the attempt is stored, and there is none if
something was acknowledged after they were read.
"""

import os
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest

from service.demo.reviewers import PUBLISHER, sign_everything
from service.operations.sender import Sender
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Reason, Transient
from service.outreach.providers import Providers
from service.outreach.schedule import schedule_reminders
from service.outreach.send import Claim, claim_next, hand_over, store_finished
from service.platform.clock import monotonic
from service.publishing import approvals
from service.publishing import publish as publishing
from service.publishing.approvals import RecallScope
from service.releases.destination import active_destination
from service.releases.migrate import migrate_patients
from service.releases.plan import plan_migration
from service.releases.policies import FOLLOW
from service.releases.policy import PolicyChoice
from tests.service.outreach.daily_journey import write_content, write_journey
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.random_clinic import START

RACES = int(os.environ.get("JOURNEYS_TEST_RACES", "10"))
AT_ONCE = 10
#: Patients of one recall or migration, which are for all patients at once.
PIECE = "day-1"


@dataclass(frozen=True, slots=True)
class Race:
    """What came of an act while messages were sent.

    `is_close`: some claim was under way while the act was. `late`: the enrollments with an attempt whose claim began
    after the act was acknowledged. `retried`: the attempts that were made when the gate was asked again later.
    """

    is_close: bool
    late: list[str]
    retried: list


class RacingClinic(Reaching):
    """Patients of the daily journey with one reminder that is due, and a provider that is always busy."""

    def __init__(self, clinic, folder) -> None:
        super().__init__(clinic)
        self.folder = folder
        write_journey(folder / "definitions")
        write_journey(folder / "next", ("day-0", "day-2"))
        write_content(folder / "content")
        clinic.clock.now = START
        self.mail.answers = [Transient(Reason.BUSY, "429")]
        self.told: dict[str, str] = {}  # the event that began the state, by enrollment
        self.seconds = 0.005  # what sending took in the last race

    def publish(self, number: int, definitions: str = "definitions") -> None:
        """Publishes a release and a new version of the piece, signed by all."""
        page = self.folder / "content" / "daily" / "course" / "going_on" / PIECE / "en.md"
        page.write_text(page.read_text().partition("**today**")[0] + f"**today**, version {number}.\n")
        done = publishing.publish_from_files(
            self.clinic.service, self.folder / definitions, self.folder / "content", policy=PolicyChoice(FOLLOW)
        )
        assert done.is_done, [str(problem) for problem in done.problems]
        sign_everything(self.clinic.service, done)

    def patients(self, names) -> list[str]:
        """Patients whose reminder became due a day after they told something."""
        enrollments = []
        for name in names:
            body = {
                "key": "k1",
                "journey": "daily",
                "patient": {"ref": name, "locale": "en", "time_zone": "Europe/Madrid"},
                "at": {"entry": "begin", "occurred_at": self.clinic.clock().isoformat()},
            }
            enrollment = self.clinic.post("/v1/enrollments", self.clinic.phone, body)["id"]
            own = self.clinic.token_of_patient(name)
            self.clinic.post("/v1/me/contacts", own, {"channel": "email", "address": f"{name}@example.org"})
            self.record(enrollment, "grant")
            enrollments.append(enrollment)
        for trigger in ("paused", "told"):
            self.clinic.clock.pass_by(minutes=1)
            for enrollment in enrollments:
                answer = self.clinic.report(enrollment, self.clinic.phone, trigger)
                self.told[enrollment] = answer["decision"]["event"]
        self.clinic.clock.pass_by(hours=25)
        self.clinic.worker().fire_all()
        while schedule_reminders(self.clinic.service):
            pass
        self.ask_about([])
        return enrollments

    def race(self, enrollments: list[str], act: Callable[[], None]) -> Race:
        """Acts while messages are sent, and asks about them again five minutes later."""
        self.ask_about(enrollments)
        barrier, asked = threading.Barrier(2), threading.Semaphore(0)
        failed, claims, sending, acting = [], [], [], []

        def send() -> None:
            barrier.wait()
            sending.append(monotonic())
            for _ in range(4 * len(enrollments)):
                claim = claim_next(self.outbox)
                asked.release()
                if claim:
                    sending.append(monotonic())
                if isinstance(claim, Claim):
                    claims.append(claim)
                    store_finished(self.outbox, [hand_over(self.outbox, claim)])

        def change() -> None:
            barrier.wait()
            for _ in range(random.randrange((len(enrollments) + 1) // 2)):
                asked.acquire()
            time.sleep(random.random() * self.seconds / 2)
            acting.append(monotonic())
            act()
            acting.append(monotonic())

        def guarded(work) -> None:
            try:
                work()
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=guarded, args=(work,)) for work in (send, change)]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)  # else one thread may have done all before the other has its turn
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        sys.setswitchinterval(interval)
        assert failed == []
        begun, acknowledged = acting
        self.seconds = sending[-1] - sending[0]
        return Race(
            is_close=begun < sending[-1] and sending[0] < acknowledged,
            late=[claim.call.message.enrollment for claim in claims if claim.begun > acknowledged],
            retried=self.retried(enrollments),
        )

    def retried(self, enrollments: list[str]) -> list:
        """The attempts that are made when the gate is asked again five minutes later."""
        before = self.attempts()
        self.clinic.clock.pass_by(minutes=5)
        self.ask_about(enrollments)
        while claim_next(self.outbox):
            pass
        return [row for row in self.attempts() if row not in before]


@pytest.fixture
def racing(clinic, tmp_path) -> RacingClinic:
    return RacingClinic(clinic, tmp_path)


@pytest.mark.parametrize("act", ["end", "retraction"])
def test_nothing_is_attempted_after_what_happens_to_one_patient(racing, act):
    racing.publish(0)
    clinic, races = racing.clinic, []
    for enrollment in racing.patients([f"p{number}" for number in range(RACES)]):
        path = f"/v1/enrollments/{enrollment}/events"
        body = {"id": "end", "type": "left", "occurred_at": clinic.clock().isoformat()}
        if act == "retraction":
            path, body = f"{path}/{racing.told[enrollment]}/retraction", {"reason": "entered_in_error"}

        def report(path=path, body=body) -> None:
            assert clinic.post(path, clinic.phone, body).status == 200

        races.append(racing.race([enrollment], report))
    assert [(race.late, race.retried) for race in races] == [([], [])] * RACES
    assert any(race.is_close for race in races), "no claim met the act"


@pytest.mark.parametrize("act", ["recall", "migration"])
def test_nothing_is_attempted_after_what_happens_to_all_patients(racing, act):
    service, races = racing.clinic.service, []
    for number in range(max(RACES // AT_ONCE, 1)):
        racing.publish(number)
        enrollments = racing.patients([f"r{number}p{patient}" for patient in range(AT_ONCE)])
        if act == "migration":
            racing.publish(number, "next")
            plan = plan_migration(service, "daily", active_destination(service, "daily"), None)
            change = partial(migrate_patients, service, plan)
        else:
            scope, now = RecallScope("daily", PIECE), service.clock()
            change = partial(approvals.recall, service, PUBLISHER, scope, comment="Wrong.", now=now)
        races.append(racing.race(enrollments, change))
    assert [(race.late, race.retried) for race in races] == [([], [])] * len(races)
    assert any(race.is_close for race in races), "no claim met the act"


def test_the_order_of_attempts_is_the_order_of_calls(racing):
    """Two senders of production, several messages a person: one after the other, by either sender."""
    racing.publish(0)
    enrollments = racing.patients([f"p{number}" for number in range(8)])
    racing.clinic.clock.pass_by(days=2)
    racing.clinic.worker().fire_all()
    calls, lock = [], threading.Lock()

    class Slow:
        def send(self, envelope, key):
            with lock:
                calls.append(key)
            time.sleep(random.random() * 0.01)
            return Accepted(key)

    while schedule_reminders(racing.clinic.service):
        pass
    racing.ask_about(enrollments)
    slow = ChannelSetup(Slow())
    senders = [Sender(replace(racing.outbox, channels={"email": slow}, providers=Providers()), 0.01) for _ in range(2)]
    for sender in senders:
        sender.start()
    deadline = monotonic() + 20
    while len(calls) < len(racing.messages()) and monotonic() < deadline:
        time.sleep(0.05)
        racing.clinic.clock.pass_by(seconds=1)  # what is outranked is asked about again a second later
    for sender in senders:
        sender.stop()
    people = {row.id: row.person for row in racing.messages()}
    called, attempted = defaultdict(list), defaultdict(list)
    for key in calls:
        called[people[key]].append(key)
    for row in racing.attempts():
        if row.result != "withdrawn":
            attempted[row.person].append(row.message)
    assert called == attempted
    assert {(row.status, row.reason) for row in racing.messages()} == {("sent", None)}
    assert min(map(len, called.values())) >= 2
    assert len(called) == len(enrollments)
