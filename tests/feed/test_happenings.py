"""What the feed of one enrollment says, by what the engine did: a patient waits for a scan, is late, and leaves."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeys.definition.reading import read_journey
from journeys.engine import Event, active_events, refold
from journeys.engine.machine import make_release
from journeys.feed.happenings import changes_of, pending_of

JOURNEY = b"""
journey: scans
title: {en: Scans}
locales: [en]
facts:
  scan_on: {type: date}
triggers:
  booked: {by: [patient, staff], requires: [scan_on]}
  done: {by: [patient, staff]}
ends:
  left: {by: [patient]}
entry:
  begin: {title: {en: Begin}, state: scan.due}
tracks:
  scan:
    initial: due
    states:
      due:
        task: {for: care_team, within: P3D, title: Book a scan}
        on: {booked: booked}
        after:
          - {delay: P7D, remind: first}
          - {delay: P14D, remind: second}
          - {delay: P30D, task: {for: nurse, within: P1D, title: Call, closed_by: [done]}}
      booked:
        on: {done: due}
"""


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def event(uid: str, trigger: str, day: int, **more) -> Event:
    kind = "enrolled" if trigger == "enrolled" else "reported"
    return Event(uid, "p", "patient", uid, kind, trigger, at(day), at(day), **more)


class Feed:
    """The feed of one enrollment, published at some instants."""

    def __init__(self) -> None:
        journey, problems = read_journey(JOURNEY, "scans.yaml")
        assert not problems
        self.release = make_release(journey)
        self.published = {}

    def publish(self, now: datetime, *events: Event, closed=()) -> list[str]:
        """The changes in words: the withdrawn events with a minus, then the new ones."""
        releases = {self.release.id: self.release}
        view, results = refold(releases, self.release.id, active_events(events), now)
        pending = pending_of(view, self.release.plan, closed, now)
        changes = changes_of(self.published, results, pending, now)
        words = [f"-{in_words(self.published.pop(key))}" for key in changes.withdrawn]
        self.published |= {happening.key: happening for happening in changes.new}
        return words + [in_words(happening) for happening in changes.new]


def in_words(happening) -> str:
    data = happening.data
    detail = data.get("piece") or data.get("trigger") or data.get("for") or data["state"]
    return f"{happening.kind} {detail}"


BEGIN = event("e1", "enrolled", 1)
FIRST = ["state.entered scan.due", "task.opened care_team"]


@pytest.fixture
def feed():
    return Feed()


def test_the_beginning_is_a_state_and_its_task(feed):
    assert feed.publish(at(1), BEGIN) == FIRST
    assert feed.publish(at(2), BEGIN) == []


def test_a_timer_is_published_when_it_fires_and_once(feed):
    feed.publish(at(1), BEGIN)
    assert feed.publish(at(8), BEGIN) == ["timer.fired scan.due", "content.due first"]
    assert feed.publish(at(9), BEGIN) == []


def test_after_an_outage_only_the_last_reminder_of_a_stay_is_due(feed):
    assert [word for word in feed.publish(at(20), BEGIN) if "content" in word] == ["content.due second"]


def test_leaving_a_state_closes_its_task_and_leaves_what_was_due(feed):
    feed.publish(at(8), BEGIN)
    booked = event("e2", "booked", 9, facts={"scan_on": "2026-03-20"})
    assert feed.publish(at(9), BEGIN, booked) == [
        "state.left scan.due",
        "state.entered scan.booked",
        "task.closed care_team",
    ]


def test_a_task_that_a_person_closed_is_closed_once(feed):
    feed.publish(at(1), BEGIN)
    (task,) = [happening.data["task"] for happening in feed.published.values() if happening.kind == "task.opened"]
    assert feed.publish(at(2), BEGIN, closed=[task]) == ["task.closed care_team"]
    assert feed.publish(at(3), BEGIN, closed=[task]) == []


def test_a_late_event_withdraws_what_did_not_happen(feed):
    feed.publish(at(8), BEGIN)
    booked = event("e2", "booked", 5, facts={"scan_on": "2026-03-20"})
    assert feed.publish(at(9), BEGIN, booked) == [
        "-timer.fired scan.due",
        "-content.due first",
        "state.left scan.due",
        "state.entered scan.booked",
        "task.closed care_team",
    ]


def test_a_retraction_withdraws_and_what_comes_back_is_new(feed):
    booked = event("e2", "booked", 5, facts={"scan_on": "2026-03-20"})
    feed.publish(at(6), BEGIN, booked)
    assert feed.publish(at(6), BEGIN) == ["-state.left scan.due", "-state.entered scan.booked", "task.opened care_team"]
    assert feed.publish(at(6), BEGIN, booked)[-1] == "task.closed care_team"


def test_the_end_leaves_every_state(feed):
    feed.publish(at(1), BEGIN)
    assert feed.publish(at(3), BEGIN, event("e3", "left", 2)) == [
        "state.left scan.due",
        "enrollment.ended left",
        "task.closed care_team",
    ]


def test_the_same_state_entered_twice_is_published_twice(feed):
    feed.publish(at(1), BEGIN)
    booked, done = event("e2", "booked", 2, facts={"scan_on": "2026-03-20"}), event("e3", "done", 3)
    words = feed.publish(at(4), BEGIN, booked, done)
    assert words.count("state.entered scan.due") == 1
    assert len([happening for happening in feed.published.values() if in_words(happening) == FIRST[0]]) == 2


def test_an_event_of_a_day_says_the_day(feed):
    booked = event("e2", "booked", 5, facts={"scan_on": "2026-03-20"})
    feed.publish(at(9), BEGIN, replace(booked, at=at(5, 0), day=True))
    entered = [happening for happening in feed.published.values() if happening.kind == "state.entered"]
    assert [happening.data["at"] for happening in entered] == ["2026-03-01T09:00:00Z", "2026-03-05"]
