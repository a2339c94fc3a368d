"""Sandboxes beside real enrollments: figures, lists, feed, outbox and status are the same bytes without them."""

import random
import re
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import delete, select

from service.access.caller import Caller
from service.effects.store.tasks import OpenTaskFilter
from service.effects.tasks import read_worklist
from service.feed.publish import publish_changes
from service.operations.status import lateness_of, status_of
from service.operations.verify import find_stuck
from service.outreach.occasions import schedule_occasions
from service.outreach.schedule import schedule_reminders
from service.platform import metrics
from service.platform.configuration import Configuration
from service.platform.database.tables import (
    attempts,
    feed_deliveries,
    feed_entries,
    inbound,
    letters,
    looks,
    messages,
)
from service.publishing.store import approvals, releases
from service.releases import store as population
from service.releases.counts import count_enrollments
from tests.folders import ROOT
from tests.service.clinic import Clinic
from tests.service.outreach.people_reached import Reaching
from tests.service.published import insert_rows
from tests.tables import EMPTIED

LEFT = (attempts, feed_deliveries, feed_entries, inbound, letters, looks, messages)
LISTS = (
    "/v1/enrollments?journey=follow_up",
    "/v1/enrollments?journey=follow_up&state=disease.surveillance&sandbox=false",
    "/v1/journeys/follow_up/counts",
    "/v1/tasks",
    "/v1/tasks?status=open",
    "/v1/feed?limit=100",
    "/v1/journeys",
    "/v1/me/enrollments?patient_ref=p1",
)
EVENTS = (
    ("phone", "asked_for_help", {}),
    ("phone", "scan_done", {"last_scan_on": "2026-06-20"}),
    ("staff", "recurrence_confirmed", {}),
    ("staff", "recurrence_discussed", {}),
    ("phone", "answers_given", {"smokes": True}),
    ("staff", "scan_result_reported", {"scan_result": "suspicious"}),
)
STAFF = Caller("", "clinic", frozenset({"staff"}), "staff")


def traces(clinic) -> dict[str, object]:
    """All that speaks of the patients of this service as a whole, and everything that left or will leave."""
    config = Configuration(feed=True, mail_from="guide@example.org")
    status = replace(status_of(clinic.service, replace(lateness_of(config), sends=True, publishes=True)), size=0)
    left: dict[str, object] = {path: clinic.get(path, clinic.staff).data for path in LISTS}
    left["counts"] = count_enrollments(clinic.service, "follow_up")
    left["status"], left["lines"] = status, status.lines
    left["stuck"] = list(find_stuck(clinic.service))
    left["worklist"] = read_worklist(clinic.service, OpenTaskFilter(), only_overdue=False, after=None, count=50)
    left["overdue"] = read_worklist(
        clinic.service, OpenTaskFilter(journey="follow_up"), only_overdue=True, after=None, count=50
    )
    with clinic.service.database.reading() as connection:
        left |= {
            "in use": releases.releases_in_use(connection, "follow_up"),
            "programmes": releases.programmes_in_use(connection, "follow_up"),
            "locales": approvals.locales_of_enrollments(connection, "follow_up"),
            "people": population.count_people(connection, "follow_up"),
            "open": population.page_of_open(connection, "follow_up", ""),
            "ids": population.page_of_ids(connection, "follow_up", ""),
            "to move": population.to_move(connection, "follow_up", "another", "", 50),
        }
        left |= {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in LEFT
        }
    return left


def counters() -> dict[str, float]:
    """The counters of this process, but those of requests and of seconds."""
    lines = metrics.exposition().decode().splitlines()
    pairs = (
        line.rsplit(" ", 1) for line in lines if line[0] != "#" and "_http_" not in line and "_created" not in line
    )
    return {name: float(value) for name, value in pairs}


def work(clinic, reaching) -> None:
    """What workers do by themselves: timers, the feed, messages made and sent."""
    clinic.worker().fire_all()
    while publish_changes(clinic.service):
        pass
    while schedule_reminders(clinic.service) or schedule_occasions(clinic.service):
        pass
    reaching.work()


@contextmanager
def own_ids(clinic, reaching, numbers):
    """Ids of a series of their own, so that a sandbox takes none of those of the others."""
    usual = clinic.service

    def use(service) -> None:
        clinic.service = service
        reaching.outbox = replace(reaching.outbox, service=service)
        clinic.app.extensions["journeys"] = service

    use(replace(usual, new_id=lambda: f"sandbox{next(numbers):06d}"))
    try:
        yield
    finally:
        use(usual)


class Life:
    """Patients live, by a seed; beside them a sandbox or not."""

    def __init__(self, clinic, seed: int, *, with_sandbox: bool) -> None:
        self.clinic, self.seed, self.with_sandbox = clinic, seed, with_sandbox
        self.reaching = Reaching(clinic)
        self.numbers, self.of_sandbox = count(1), count(1)
        self.tokens = {"phone": clinic.phone, "staff": clinic.staff}

    def traces(self) -> list[dict[str, object]]:
        """The traces after each step."""
        choose, beside = random.Random(self.seed), random.Random(self.seed + 1)
        patients = [self.reaching.reachable_patient("p1"), self.clinic.enroll("p2")]
        steps = []
        for number in range(6):
            if self.with_sandbox:
                self.live_in_sandbox(beside)
            match choose.choice(["report", "report", "time"]) if number else "a reminder":
                case "report":
                    sender, trigger, facts = choose.choice(EVENTS)
                    self.clinic.report(choose.choice(patients), self.tokens[sender], trigger, facts=facts)
                case "a reminder":
                    self.clinic.clock.pass_by(days=28)
                case "time":
                    self.clinic.clock.pass_by(days=choose.randint(15, 40))
            work(self.clinic, self.reaching)
            steps.append(traces(self.clinic))
        return steps

    def live_in_sandbox(self, choose) -> None:
        """A sandbox more: it hears of events, its clock is moved, a task is closed, its person has an address."""
        clinic, number = self.clinic, next(self.of_sandbox)
        events, clinic.events = clinic.events, count(1000 * number)
        with own_ids(clinic, self.reaching, self.numbers):
            sandbox = self.reaching.reachable_patient(f"s{number}", sandbox=True)
            for _ in range(4):
                sender, trigger, facts = choose.choice(EVENTS)
                at = clinic.read(sandbox, clinic.staff)["clock"]
                clinic.report(sandbox, self.tokens[sender], trigger, at, facts=facts)
                body = {"advance": f"P{choose.randint(1, 90)}D"}
                assert clinic.post(f"/v1/enrollments/{sandbox}/clock", clinic.phone, body).status == 200
            for task in clinic.get(f"/v1/tasks?enrollment={sandbox}&status=open", clinic.staff)["items"][:1]:
                clinic.post(f"/v1/tasks/{task['id']}/close", clinic.staff)
        clinic.events = events


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 13))])
def test_everything_is_byte_for_byte_the_same_without_the_sandboxes(database, database_url, published_rows, logs, seed):
    lives, counted = [], []
    for with_sandbox in (True, False):
        with database.writing() as connection:
            for table in EMPTIED:
                connection.execute(delete(table))
        insert_rows(database, published_rows)
        before = counters()
        life = Life(Clinic(database, database_url), seed, with_sandbox=with_sandbox)
        lives.append(life.traces())
        counted.append({name: value - before.get(name, 0.0) for name, value in counters().items()})
        assert next(life.of_sandbox) == (7 if with_sandbox else 1)
    for number, (beside, alone) in enumerate(zip(*lives, strict=True), 1):
        for name, trace in alone.items():
            assert beside[name] == trace, f"step {number}: {name}"
    assert counted[0] == counted[1]
    assert all(lives[1][-1][table.name] for table in (attempts, feed_entries, looks, messages)), "patients leave traces"


def test_only_these_modules_read_sandboxes_too():
    """A statement over many enrollments reads `real_enrollments`; these find some by an id, a patient or a task."""
    readers = {
        str(file.relative_to(ROOT / "service"))
        for file in (ROOT / "service").rglob("*.py")
        if "versions" not in file.parts and re.search(r"(?<!real_)\benrollments\.c\.", file.read_text())
    }
    assert readers == {
        "effects/store/disclosures.py",
        "effects/store/looks.py",
        "effects/store/tasks.py",
        "enrollments/store/earlier_rules.py",
        "enrollments/store/enrollments.py",
        "enrollments/store/journey_lists.py",
        "enrollments/store/sandboxes.py",
        "feed/store/entries.py",
        "outreach/store/attempts.py",
        "persons/store.py",
        "platform/database/tables/enrollment.py",
    }
