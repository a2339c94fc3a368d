"""O5, O6, O7: a poisoned enrollment, clocks that jump, calendars with gaps: each timer fires once, none early."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from journeys.primitives.durations import parse_duration
from service.operations import verify
from service.platform.database.tables import enrollments, records
from tests.faults.counting import amount, tally
from tests.faults.model import instant
from tests.faults.place import settle

BROKEN = b'{"effects":3,"holds":{}}'
#: What follows from the date of a scan while nothing is reported: due, reminded, and a task for the care team.
DELAYS = ("P6M", "P14D", "P30D")


def firings(ward) -> list[tuple[str, datetime, datetime]]:
    """Return every firing: of whom, for when, and when it was done."""
    with ward.service.database.reading() as connection:
        rows = connection.execute(select(records).where(records.c.kind == "timer")).all()
    return [(row.enrollment, instant(json.loads(row.payload)["at"])[0], row.recorded_at) for row in rows]


def deadlines(scan: str) -> list[datetime]:
    due = parse_duration(DELAYS[0]).after(instant(scan)[0])
    return [due, due + timedelta(days=14), due + timedelta(days=30)]


def test_o5_one_poisoned_enrollment_among_many(place):
    """Its timers fail; the others fire in the same pass, and it is parked and seen. (There are no channels to hang.)"""
    many = amount(20, 1000)
    with (
        tally("O5", "one enrollment that cannot be folded among many", place.url) as counted,
        place.open(hurried=True) as ward,
    ):
        patients = [ward.enroll_patient(f"p{number}") for number in range(many)]
        poisoned = patients.pop(many // 2)
        with ward.service.database.writing() as connection:
            found = connection.execute(select(enrollments.c.ledger).where(enrollments.c.id == poisoned.id)).scalar()
            connection.execute(update(enrollments).where(enrollments.c.id == poisoned.id).values(ledger=BROKEN))
        ward.clock.set("2026-07-15T00:00:00")
        counted.rounds = 1
        counted.acknowledged = ward.worker().fire_all()
        counted.lost += len(patients) - counted.acknowledged
        for _ in range(amount(3, 10)):  # ever more seldom; the others are not kept waiting
            ward.clock.pass_by(hours=2)
            counted.doubled += ward.worker().fire_all()
            counted.rounds += 1
        with ward.service.database.writing() as connection:
            failures = connection.execute(
                select(enrollments.c.failures).where(enrollments.c.id == poisoned.id)
            ).scalar()
            connection.execute(update(enrollments).where(enrollments.c.id == poisoned.id).values(ledger=found))
        assert failures == counted.rounds
        (stuck,) = verify.stuck(ward.service)
        assert (stuck.enrollment, stuck.failures) == (poisoned.id, failures)
        ward.clock.pass_by(hours=2)
        assert ward.worker().fire_all() == 1
        settle(counted, ward, [*patients, poisoned])


def test_o6_each_timer_fires_once_whatever_the_clock_does(place):
    """A restart, a day of outage, an hour and ten years back and on: none early, none twice, late ones say for when."""
    scans = [f"2026-01-{1 + number % 28:02}" for number in range(amount(28, 3334))]
    expected = Counter()
    with tally("O6", "timers over restart, outage and steps of the clock", place.url) as counted:
        with place.open(hurried=True) as ward:
            patients = []
            for number, scan in enumerate(scans):
                patients.append(ward.enroll_patient(f"p{number}", facts={"last_scan_on": scan}))
                expected.update((patients[-1].id, due) for due in deadlines(scan))
        for at in (
            "2026-07-10T12:00:00",
            "2026-07-11T12:00:00",  # after a day in which nothing ran
            "2026-07-11T11:00:00",  # the clock is put back an hour
            "2016-07-11T12:00:00",  # and ten years
            "2026-07-11T12:00:00",
            "2026-08-01T00:00:00",
            "2036-08-01T00:00:00",  # and ten years on
            "2026-08-01T00:00:00",
            "2036-08-01T00:00:00",
        ):
            with place.open(hurried=True) as ward:  # a restart before each
                before = len(firings(ward))
                ward.clock.set(at)
                fired = ward.worker().fire_all()
                found = firings(ward)
                due = Counter({key: 1 for key in expected if key[1] <= ward.clock()})
                seen = Counter((who, when) for who, when, _ in found)
                counted.lost += len(due - seen)
                counted.doubled += sum(seen.values()) - len(seen)
                counted.errors += sum(done < when for _, when, done in found)  # early
                counted.errors += (fired == 0) != (len(found) == before)
                counted.rounds += 1
                late = sum(done - when >= timedelta(hours=1) for _, when, done in found)
        with place.open(hurried=True) as ward:
            ward.clock.set("2036-08-01T00:00:00")
            counted.acknowledged = len(firings(ward))
            counted.errors += Counter((who, when) for who, when, _ in firings(ward)) != expected
            counted.notes["fired late, with the deadline they had"] = late
            settle(counted, ward, patients)


ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
#: By the date of a scan, six months later in UTC: the ends of months, leap days, the turn of the year, DST's two days.
CALENDAR = {
    "2026-08-31": "2027-02-28",
    "2027-08-31": "2028-02-29",
    "2027-08-29": "2028-02-29",
    "2027-08-30": "2028-02-29",
    "2028-02-29": "2028-08-29",
    "2026-06-30": "2026-12-30",
    "2026-07-01": "2027-01-01",
    "2025-12-31": "2026-06-30",
    "2026-04-25": "2026-10-25",  # Madrid's clocks go back: 02:30 is there twice
    "2025-09-29": "2026-03-29",  # and on: 02:30 is not there
    "2025-09-08": "2026-03-08",  # New York's
}


@pytest.mark.parametrize("zone", ZONES)
def test_o7_deadlines_are_days_of_the_calendar_in_utc(place, zone):
    """By design: a day is a day in UTC, wherever the patient lives; so a gap or a fold of local time moves nothing."""
    with (
        tally("O7", "gaps and folds of DST, leap days, turns of the year", place.url) as counted,
        place.open(hurried=True) as ward,
    ):
        for scan, due in CALENDAR.items():
            ward.clock.now = instant(scan)[0] + timedelta(days=1)
            patient = ward.enroll_patient(
                f"p{scan}",
                facts={"last_scan_on": scan},
                at={"entry": "in_follow_up", "occurred_at": scan},
                patient={"ref": f"p{scan}", "locale": "en", "time_zone": zone},
            )
            at = instant(due)[0]
            ward.clock.now = at - timedelta(microseconds=1)
            ward.worker().fire_all()
            early = [who for who, _, _ in firings(ward) if who == patient.id]
            ward.clock.now = at
            ward.worker().fire_all()
            fired = [when for who, when, _ in firings(ward) if who == patient.id]
            counted.rounds += 1
            counted.acknowledged += len(fired)
            assert early == [], f"{scan} in {zone}"
            assert fired == [at], f"{scan} in {zone}"
            settle(counted, ward, [patient], verified=False)
        assert counted.acknowledged == counted.rounds == len(CALENDAR)


def test_o7_local_times_of_a_gap_and_a_fold_are_the_instants_their_offsets_say(place):
    """02:30 of the fold is told twice and is two instants, in their order; one of the gap is as its offset says."""
    told = (
        ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"),
        ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"),
        ("2028-02-29T23:59:59-05:00", "2028-03-01T04:59:59Z"),
        ("2026-12-31T23:59:59+10:30", "2026-12-31T13:29:59Z"),
    )
    with tally("O7", "local times of a gap and a fold", place.url) as counted, place.open(hurried=True) as ward:
        ward.clock.now = datetime(2028, 6, 1, tzinfo=UTC)
        for number, (local, utc) in enumerate(told):
            patient = ward.enroll_patient(f"p{number}")
            event = {"id": "e", "type": "asked_for_help", "occurred_at": local}
            answer = ward.send(patient, event)
            assert answer.status == 200, local
            assert answer["now"]["state"]["support"]["since"] == utc, local
            counted.rounds += 1
            counted.acknowledged += 1
            patient.tell({**event, "occurred_at": utc}, reporter="app", by="patient", arrived_at=ward.clock())
            settle(counted, ward, [patient], verified=False)
