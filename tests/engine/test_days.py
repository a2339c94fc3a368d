"""Days beside instants of one date, and what was reported of a time before joining."""

from itertools import permutations

import pytest

from journeys.engine import Joining, Placement, Report, admit, admit_entry, admit_placement, verify
from journeys.primitives.canonical import canonical
from tests.engine.conftest import Bench, day

EVENING = "2026-08-05T20:00"


def report(bench, trigger, at, by="staff", **facts):
    """An event that arrives in the evening of 5 August; its day is known where `at` has no time."""
    request = Report(f"{trigger}-{at}", trigger, "clinic", by, day(at), "T" not in at, 0, facts)
    return admit(bench.release.plan, "e", request, day(EVENING))


def joined(release):
    bench = Bench(release)
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.wait("2026-08-01")
    return bench


BOOKED = ("scan_booked", "2026-08-05T09:00", {"scan_booked_for": "2026-08-05"})
DONE = ("scan_done", "2026-08-05", {"last_scan_on": "2026-08-05"})
READ = ("scan_result_reported", "2026-08-05T11:00", {"scan_result": "suspicious"})
DISCUSSED = ("recurrence_discussed", "2026-08-05", {})
DIED = ("deceased", "2026-08-05", {})
LOW = ("low_mood", "2026-08-05T19:00", {})


@pytest.mark.parametrize(
    ("reports", "disease", "support", "held", "ended"),
    [
        ((BOOKED, DONE), "surveillance.waiting_for_result", "managing", False, False),
        ((("scan_done", "2026-08-05T08:00", DONE[2]), READ, DISCUSSED), "recurrence", "managing", False, False),
        ((BOOKED, DONE, DIED), "surveillance.waiting_for_result", "managing", False, True),
        ((BOOKED, DIED, LOW), "surveillance.booked", "low", False, True),
        (
            (DONE, ("recurrence_discussed", "2026-08-05", {}), LOW),
            "surveillance.waiting_for_result",
            "low",
            False,
            False,
        ),
    ],
)
def test_a_day_applies_after_the_instants_of_that_day_whatever_arrives_first(
    release, reports, disease, support, held, ended
):
    states = set()
    for order in permutations(reports):
        bench = joined(release)
        for trigger, at, facts in order:
            by = "patient" if trigger == "low_mood" else "staff"
            bench.step([report(bench, trigger, at, by, **facts)], EVENING)
        state = bench.enrollment.state
        assert bench.states == {"disease": disease, "support": support}, order
        assert (state.ended is not None) == ended, order
        assert bool(bench.enrollment.told.open) == held or order != reports, "a telling tells what has arrived"
        assert verify(bench.releases, bench.enrollment, bench.log) == []
        states.add(canonical(state.to_stored()))
    assert len(states) == 1


def test_what_is_reported_of_the_day_of_joining_goes_after_the_instant_of_joining(release):
    """The patient joins at nine and names the last scan then; a scan of today, told by its day, is the newer one."""
    bench, nine = Bench(release), "2026-08-05T09:00"
    joining = Joining("in_follow_up", {"last_scan_on": "2026-07-20"}, "app", "patient", day(nine))
    bench.step([admit_entry(release.plan, "e", joining, day(nine))], nine)
    bench.step([report(bench, "told_us", "2026-08-05", last_scan_on="2026-08-05")], EVENING)
    assert bench.enrollment.state.facts["last_scan_on"].value == "2026-08-05"
    assert bench.enrollment.state.tracks["disease"][0].since == day(nine)


@pytest.mark.parametrize("is_placed_first", [True, False])
def test_who_is_placed_by_the_day_is_placed_after_the_instants_of_that_day(release, is_placed_first):
    bench = joined(release)
    placement = Placement("put", "disease.surveillance.overdue", "missed", "clinic", day("2026-08-05"), day=True)
    placed = admit_placement(release.plan, "e", placement, day(EVENING))
    booked = report(bench, *BOOKED[:2], **BOOKED[2])
    for event in (placed, booked) if is_placed_first else (booked, placed):
        bench.step([event], EVENING)
    assert bench.states["disease"] == "surveillance.overdue"


def test_an_instant_of_a_day_folds_again_only_where_a_day_was_reported(release):
    """The usual report, by its instant, needs no log."""
    bench = joined(release)
    bench.step([report(bench, *BOOKED[:2], **BOOKED[2])], EVENING)
    assert bench.enrollment.state.last_day is None
    step = bench.step([report(bench, "low_mood", "2026-08-05T10:00", "patient")], EVENING)
    assert [record.kind for record in step.records] == ["event", "effect"]


@pytest.mark.parametrize(
    ("trigger", "facts"),
    [
        ("seen", {}),
        ("told_us", {"stage": "IA", "edition": "8"}),
        ("told_us", {"last_scan_on": "2019-12-01"}),
        ("told_us", {"stage": {"declined": True}, "edition": {"declined": True}}),
        ("called", {}),
        ("low_mood", {}),
    ],
)
def test_what_is_reported_of_a_time_before_joining_makes_nobody_overdue(release, trigger, facts):
    bench = Bench(release)
    bench.enroll("2026-08-01", last_scan_on="2026-07-20")
    by = "patient" if trigger in ("seen", "low_mood") else "staff"
    piece = "scan-plan" if trigger == "seen" else None
    request = Report("old", trigger, "clinic", by, day("1970-01-01T00:00:12"), False, 0, facts, piece=piece)
    event = admit(release.plan, "e", request, day(EVENING), pieces={"scan-plan"})
    step = bench.step([event], EVENING)
    assert bench.states["disease"] == "surveillance.next"
    assert not [effect for effect in step.effects if effect.name == "task" and trigger != "low_mood"]
    assert {stay.since for stay in bench.enrollment.state.tracks["disease"]} == {day("2026-08-01")}


def test_a_placement_before_joining_in_another_track_makes_nobody_overdue(release):
    bench = Bench(release)
    bench.enroll("2026-08-01", last_scan_on="2026-07-20")
    bench.place_patient("support.low", "2022-05-01")
    assert bench.states == {"disease": "surveillance.next", "support": "managing"}
    assert {stay.since for stay in bench.enrollment.state.tracks["disease"]} == {day("2026-08-01")}


def test_an_event_before_joining_that_moves_a_track_begins_that_track_alone(release):
    bench = Bench(release)
    bench.enroll("2026-08-01", last_scan_on="2026-07-20")
    event = report(bench, "scan_booked", "2026-07-20", scan_booked_for="2026-08-20")
    bench.step([event], EVENING)
    stays = bench.enrollment.state.tracks
    assert bench.states == {"disease": "surveillance.booked", "support": "managing"}
    assert {stay.since for stay in stays["disease"]} == {day("2026-07-20")}
    assert {stay.since for stay in stays["support"]} == {day("2026-08-01")}
