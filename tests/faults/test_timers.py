"""O5, O6, O7: each timer fires once and never early, despite a broken enrollment, clock jumps and DST gaps."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from journeys.primitives.durations import parse_duration
from service.operations import verify
from service.platform.database.tables import enrollments, records
from tests.faults.counting import amount, tally
from tests.faults.deployment import settle
from tests.faults.model import instant

BROKEN = b'{"effects":3}'
#: Delays after a scan without a report: the next scan is due, a reminder, and a task for the care team.
DELAYS = ("P6M", "P14D", "P30D")


def firings(ward) -> list[tuple[str, datetime, datetime]]:
    """Return every firing: its enrollment, its deadline, and the time it was recorded."""
    with ward.service.database.reading() as connection:
        rows = connection.execute(select(records).where(records.c.kind == "timer")).all()
    return [(row.enrollment, instant(json.loads(row.payload)["at"])[0], row.recorded_at) for row in rows]


def deadlines(scan: str) -> list[datetime]:
    due = parse_duration(DELAYS[0]).after(instant(scan)[0])
    return [due, due + timedelta(days=14), due + timedelta(days=30)]


def test_o5_one_poisoned_enrollment_among_many(deployment):
    """Its timers fail and it is parked; the timers of the others fire in the same pass."""
    many = amount(20, 1000)
    with (
        tally("O5", "one enrollment that cannot be folded among many", deployment.url) as counts,
        deployment.open(hurried=True) as ward,
    ):
        patients = [ward.enroll_patient(f"p{number}") for number in range(many)]
        poisoned = patients.pop(many // 2)
        with ward.service.database.writing() as connection:
            ledger = connection.execute(select(enrollments.c.ledger).where(enrollments.c.id == poisoned.id)).scalar()
            connection.execute(update(enrollments).where(enrollments.c.id == poisoned.id).values(ledger=BROKEN))
        ward.clock.set("2026-07-15T00:00:00")
        counts.rounds = 1
        counts.acknowledged = ward.worker().fire_all()
        counts.lost += len(patients) - counts.acknowledged
        for _ in range(amount(3, 10)):  # retried less and less often, without delaying the others
            ward.clock.pass_by(hours=2)
            counts.doubled += ward.worker().fire_all()
            counts.rounds += 1
        with ward.service.database.writing() as connection:
            failures = connection.execute(
                select(enrollments.c.failures).where(enrollments.c.id == poisoned.id)
            ).scalar()
            connection.execute(update(enrollments).where(enrollments.c.id == poisoned.id).values(ledger=ledger))
        assert failures == counts.rounds
        (stuck,) = verify.find_stuck(ward.service)
        assert (stuck.enrollment, stuck.failures) == (poisoned.id, failures)
        ward.clock.pass_by(hours=2)
        assert ward.worker().fire_all() == 1
        settle(counts, ward, [*patients, poisoned])


def test_o6_each_timer_fires_once_despite_clock_jumps(deployment):
    """The clock jumps by an hour, a day and ten years, with restarts: no timer fires early or twice."""
    scans = [f"2026-01-{1 + number % 28:02}" for number in range(amount(28, 3334))]
    expected = Counter()
    with tally("O6", "timers over restart, outage and steps of the clock", deployment.url) as counts:
        with deployment.open(hurried=True) as ward:
            patients = []
            for number, scan in enumerate(scans):
                patients.append(ward.enroll_patient(f"p{number}", facts={"last_scan_on": scan}))
                expected.update((patients[-1].id, due) for due in deadlines(scan))
        for at in (
            "2026-07-10T12:00:00",
            "2026-07-11T12:00:00",  # after a day without a worker
            "2026-07-11T11:00:00",  # the clock goes back an hour
            "2016-07-11T12:00:00",  # and ten years
            "2026-07-11T12:00:00",
            "2026-08-01T00:00:00",
            "2036-08-01T00:00:00",  # and forward ten years
            "2026-08-01T00:00:00",
            "2036-08-01T00:00:00",
        ):
            with deployment.open(hurried=True) as ward:  # a restart before each
                before = len(firings(ward))
                ward.clock.set(at)
                fired = ward.worker().fire_all()
                fired_timers = firings(ward)
                due = Counter({key: 1 for key in expected if key[1] <= ward.clock()})
                seen = Counter((who, when) for who, when, _ in fired_timers)
                counts.lost += len(due - seen)
                counts.doubled += sum(seen.values()) - len(seen)
                counts.errors += sum(done < when for _, when, done in fired_timers)  # early
                counts.errors += (fired == 0) != (len(fired_timers) == before)
                counts.rounds += 1
                late = sum(done - when >= timedelta(hours=1) for _, when, done in fired_timers)
        with deployment.open(hurried=True) as ward:
            ward.clock.set("2036-08-01T00:00:00")
            counts.acknowledged = len(firings(ward))
            counts.errors += Counter((who, when) for who, when, _ in firings(ward)) != expected
            counts.notes["fired late with their own deadline"] = late
            settle(counts, ward, patients)


ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
#: By the date of a scan, the date six months later in UTC: month ends, leap days, the turn of the year, DST changes.
CALENDAR = {
    "2026-08-31": "2027-02-28",
    "2027-08-31": "2028-02-29",
    "2027-08-29": "2028-02-29",
    "2027-08-30": "2028-02-29",
    "2028-02-29": "2028-08-29",
    "2026-06-30": "2026-12-30",
    "2026-07-01": "2027-01-01",
    "2025-12-31": "2026-06-30",
    "2026-04-25": "2026-10-25",  # in Madrid 02:30 occurs twice
    "2025-09-29": "2026-03-29",  # in Madrid 02:30 does not occur
    "2025-09-08": "2026-03-08",  # in New York 02:30 does not occur
}


@pytest.mark.parametrize("zone", ZONES)
def test_o7_deadlines_are_days_of_the_calendar_in_utc(deployment, zone):
    """A day is a day in UTC for every patient, so DST changes of local time shift no deadline."""
    with (
        tally("O7", "gaps and folds of DST, leap days, turns of the year", deployment.url) as counts,
        deployment.open(hurried=True) as ward,
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
            counts.rounds += 1
            counts.acknowledged += len(fired)
            assert early == [], f"{scan} in {zone}"
            assert fired == [at], f"{scan} in {zone}"
            settle(counts, ward, [patient], verified=False)
        assert counts.acknowledged == counts.rounds == len(CALENDAR)


def test_o7_local_times_around_dst_changes_follow_their_offsets(deployment):
    """A repeated 02:30 is two instants; a missing 02:30 is the instant of its offset."""
    times = (
        ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"),
        ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"),
        ("2028-02-29T23:59:59-05:00", "2028-03-01T04:59:59Z"),
        ("2026-12-31T23:59:59+10:30", "2026-12-31T13:29:59Z"),
    )
    with (
        tally("O7", "local times of a gap and a fold", deployment.url) as counts,
        deployment.open(hurried=True) as ward,
    ):
        ward.clock.now = datetime(2028, 6, 1, tzinfo=UTC)
        for number, (local, utc) in enumerate(times):
            patient = ward.enroll_patient(f"p{number}")
            event = {"id": "e", "type": "asked_for_help", "occurred_at": local}
            answer = ward.send(patient, event)
            assert answer.status == 200, local
            assert answer["now"]["state"]["support"]["since"] == utc, local
            counts.rounds += 1
            counts.acknowledged += 1
            patient.note_event({**event, "occurred_at": utc}, reporter="app", by="patient", arrived_at=ward.clock())
            settle(counts, ward, [patient], verified=False)
