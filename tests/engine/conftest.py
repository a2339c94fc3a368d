"""A follow-up journey of six states, and a bench to advance one enrollment in it."""

from datetime import UTC, datetime
from functools import partial

import pytest

from journeys.authoring.lint import lint_journey
from journeys.definition.reading import read_journey
from journeys.engine import (
    Enrollment,
    Joining,
    Placement,
    Report,
    Retraction,
    admit,
    admit_entry,
    admit_placement,
    advance,
)
from journeys.engine.machine import make_release
from journeys.primitives.canonical import canonical
from journeys.primitives.problems import only_errors

FOLLOW_UP = """
journey: follow_up
title: {en: Follow-up}
locales: [en]
facts:
  last_scan_on: {type: date}
  scan_booked_for: {type: date}
  scan_result: {type: choice, by: [staff], values: [clear, unclear, suspicious]}
  stage: {type: choice, values: [{I: [IA, IB]}, II]}
  edition: {type: choice, values: ["8", "9"]}
groups:
  staging: [stage, edition]
triggers:
  scan_booked: {by: [patient, staff], requires: [scan_booked_for]}
  scan_done: {by: [patient, staff], requires: [last_scan_on]}
  scan_result_reported: {by: [staff], requires: [scan_result]}
  recurrence_discussed: {by: [staff]}
  low_mood: {by: [patient]}
  called: {by: [staff]}
  told_us: {by: [patient, staff]}
ends:
  deceased: {by: [staff, family]}
  left: {by: [patient]}
entry:
  in_follow_up: {title: {en: My treatment is over}, state: disease.surveillance, asks: [last_scan_on]}
tracks:
  disease:
    initial: surveillance
    states:
      surveillance:
        initial: next
        on: {scan_booked: booked, scan_done: waiting_for_result}
        states:
          next:
            after:
              - {delay: P6M, from: last_scan_on, to: due}
          due:
            after:
              - {delay: P14D, remind: scan-reminder}
              - {delay: P30D, to: overdue}
          booked:
            after:
              - {delay: -P3D, from: scan_booked_for, remind: scan-soon}
          overdue:
            task: {for: care_team, within: P3D, title: Scan overdue, closed_by: [called]}
          waiting_for_result:
            forget: [scan_booked_for]
            on:
              scan_result_reported:
                - {when: "scan_result == 'suspicious'", to: recurrence}
                - {otherwise: next}
      recurrence:
        hold_until: recurrence_discussed
  support:
    initial: managing
    states:
      managing: {on: {low_mood: low}}
      low:
        task: {for: nurse, within: P1D, title: Call about mood}
        after:
          - {delay: P7D, remind: mood-reminder}
          - {delay: P30D, to: managing}
"""


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bench_of(tracks, before=""):
    """Return a bench for a journey of some tracks; it must lint clean."""
    text = (
        f"journey: small\ntitle: {{en: Small}}\nlocales: [en]\nends:\n  left: {{title: {{en: Left}}}}\n{before}{tracks}"
    )
    journey, problems = read_journey(text.encode(), "small.yaml")
    problems = [*problems, *lint_journey(journey)]
    assert not only_errors(problems), "\n".join(map(str, problems))
    return Bench(make_release(journey))


class Bench:
    """Advances one enrollment; between any two steps it goes through its stored form."""

    def __init__(self, release):
        self.release = release
        self.releases = {release.id: release}
        self.enrollment = Enrollment("e", release.id)
        self.log = []

    def step(self, arrivals, now):
        step = advance(self.releases, self.enrollment, partial(list, self.log), arrivals, day(now))
        self.log += arrivals
        self.enrollment = Enrollment.from_stored(step.enrollment.to_stored())
        assert canonical(self.enrollment.to_stored()) == canonical(step.enrollment.to_stored())
        return step

    def enroll(self, on, entry="in_follow_up", **facts):
        event = admit_entry(
            self.release.plan,
            "e",
            Joining(entry, facts, "app", "patient", day(on), True),
            day(on),
        )
        return self.step([event], on)

    def report(self, trigger, on, by="staff", arrives=None, told=False, replaces=None, **facts):
        name = f"{trigger}-{len(self.log)}"
        report = Report(name, trigger, "clinic", by, day(on), True, 0, facts, told, replaces)
        event = admit(self.release.plan, "e", report, day(arrives or on))
        return self.step([event], arrives or on)

    def place_patient(self, state, on):
        placement = Placement(f"place-{len(self.log)}", state, "put right", "clinic", day(on))
        return self.step([admit_placement(self.release.plan, "e", placement, day(on))], on)

    def retract(self, position, on):
        return self.step([Retraction(self.log[position].uid, "wrong_patient", "clinic", day(on))], on)

    def wait(self, until):
        return self.step([], until)

    @property
    def states(self):
        return {name: stays[-1].state for name, stays in self.enrollment.state.tracks.items()}

    @property
    def patient_sees(self):
        return {name: stays[-1].state for name, stays in self.enrollment.view.tracks.items()}

    @property
    def held(self):
        return [news.name for news in self.enrollment.told.open]


@pytest.fixture(scope="session")
def release():
    journey, problems = read_journey(FOLLOW_UP.encode(), "follow_up.yaml")
    assert not problems
    return make_release(journey)


@pytest.fixture
def bench(release):
    return Bench(release)
