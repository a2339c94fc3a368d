"""A migration that takes a leaf to states of several tracks: one keeps its stay, and what was begun goes on in each."""

from collections import Counter

import pytest

from journeys.engine import Event, tasks_of, verify
from tests.engine.conftest import bench_of, day
from tests.engine.test_migration import migrate

DECLARED = """
facts:
  booked_for: {type: date, title: {en: Booked for}}
triggers:
  booked: {requires: [booked_for], title: {en: Booked}}
  asked: {requires: [booked_for], title: {en: Asked}}
  called: {title: {en: Called}}
  rested: {title: {en: Rested}}
"""
BOOKED = """
title: {en: Booked}
on: {asked: stay}
after:
  - {delay: P1D, remind: well-done}
  - {delay: -P3D, from: booked_for, remind: scan-soon}
  - {delay: P2D, task: {for: nurse, within: P1D, title: Call, closed_by: [called]}}
  - {delay: P3D, task: {for: nurse, within: P1D, title: Write}}
  - {delay: P10D, from: booked_for, to: overdue}
"""
OVERDUE = "{title: {en: Overdue}, task: {for: nurse, within: P1D, title: Overdue, closed_by: [called]}}"
ONE_TRACK = """
tracks:
  disease:
    initial: surveillance
    states:
      surveillance:
        title: {en: Surveillance}
        initial: next
        on: {booked: booked, rested: resting}
        states:
          next: {title: {en: Next}}
          booked: BOOKED
          overdue: OVERDUE
      resting: {title: {en: Resting}, on: {rested: surveillance}}
"""
TWO_TRACKS = """
tracks:
  disease:
    initial: surveillance
    states:
      surveillance: {title: {en: Surveillance}, on: {rested: resting}}
      resting: {title: {en: Resting}, on: {rested: reviewed, asked: stay}}
      reviewed: {title: {en: Reviewed}, on: {asked: stay}, task: {for: nurse, within: P1D, title: Review}}
  scans:
    initial: next
    states:
      next: {title: {en: Next}, on: {booked: booked, called: under_way}}
      booked: BOOKED
      overdue: OVERDUE
      under_way:
        title: {en: Under way}
        initial: begun
        states:
          begun: {title: {en: Begun}, on: {booked: booked}}
          booked: {title: {en: Booked}, on: {called: begun}}
"""
LEAF = "disease__surveillance__booked"
#: The own target goes on as the state around the leaf did; so the leaf's stay goes on in the other track.
AS_A_PART = ["disease.surveillance", "scans.booked"]
#: The own target takes the leaf's stay; so the other begins beside it.
BESIDE = ["disease.reviewed", "scans.booked"]


def small(tracks, **replaced):
    """Return a bench for tracks, with the states BOOKED and OVERDUE filled in."""
    booked = BOOKED.strip()
    for name, text in replaced.items():
        booked = booked.replace(name, text)
    lines = []
    for line in tracks.replace("OVERDUE", OVERDUE).splitlines():
        indent = len(line) - len(line.lstrip()) + 2
        lines.append(line.replace("BOOKED", "\n" + "\n".join(" " * indent + part for part in booked.splitlines())))
    return bench_of("\n".join(lines), before=DECLARED)


@pytest.fixture
def booked():
    """A patient whose scan was booked on 2 January for the 20th."""
    bench = small(ONE_TRACK)
    bench.enroll("2026-01-01", entry=None)
    bench.report("booked", "2026-01-02", booked_for="2026-01-20")
    return bench


def leaf(bench, track="scans"):
    return bench.enrollment.state.tracks[track][-1]


def opened(step):
    """Return the names of the reminders and tasks that begin with a step."""
    return sorted(effect.name for effect in step.effects if effect.action in ("open", "reopen"))


def test_the_leaf_goes_to_each_state_of_the_list(booked):
    result = migrate(booked, small(TWO_TRACKS), "2026-01-03", **{LEAF: AS_A_PART}).results[booked.log[-1].uid]
    assert booked.states == {"disease": "surveillance", "scans": "booked"}
    assert [(move.track, move.start, move.end) for move in result.transitions] == [
        ("disease", "surveillance.booked", "surveillance"),
        ("scans", None, "booked"),
    ]
    assert verify(booked.releases, booked.enrollment, booked.log) == []


def test_a_list_of_one_state_is_that_state(booked):
    other = small(TWO_TRACKS)
    again = small(ONE_TRACK)
    again.step(booked.log, "2026-01-02")
    migrate(booked, other, "2026-01-03", **{LEAF: ["scans.booked"]})
    migrate(again, other, "2026-01-03", **{LEAF: "scans.booked"})
    assert booked.enrollment.state.to_stored() == again.enrollment.state.to_stored()


def test_states_that_the_new_release_lacks_are_passed_over_and_without_any_the_name_counts(booked):
    migrate(booked, small(TWO_TRACKS), "2026-01-03", **{LEAF: ["disease.gone", "scans.booked", "support.gone"]})
    assert booked.states == {"disease": "surveillance", "scans": "booked"}
    back = small(ONE_TRACK)
    migrate(booked, back, "2026-01-04", scans__booked=["disease.gone"], disease__surveillance=["gone.gone"])
    assert booked.states == {"disease": "surveillance.next"}


def test_of_two_states_of_one_track_the_first_counts(booked):
    migrate(booked, small(TWO_TRACKS), "2026-01-03", **{LEAF: [*AS_A_PART, "scans.overdue", "disease.resting"]})
    assert booked.states == {"disease": "surveillance", "scans": "booked"}


# Which target keeps the leaf's stay


def test_the_target_in_the_own_track_keeps_the_stay_wherever_it_is_listed(booked):
    before = leaf(booked, "disease")
    migrate(booked, small(TWO_TRACKS), "2026-01-03", **{LEAF: BESIDE[::-1]})
    after = leaf(booked, "disease")
    assert (after.id, after.since, after.fired) == (before.id, before.since, before.fired)
    assert leaf(booked).id != before.id


def test_where_the_own_target_keeps_a_stay_of_its_own_the_leafs_goes_on_in_the_other_track(booked):
    around, before = booked.enrollment.state.tracks["disease"]
    migrate(booked, small(TWO_TRACKS), "2026-01-03", **{LEAF: AS_A_PART})
    assert leaf(booked, "disease").id == around.id
    assert (leaf(booked).id, leaf(booked).since) == (before.id, before.since)


def test_without_a_target_in_its_own_track_the_first_that_is_listed_keeps_the_stay(booked):
    before = leaf(booked, "disease")
    other = small(TWO_TRACKS.replace("disease:", "illness:"))
    migrate(booked, other, "2026-01-03", **{LEAF: ["illness.reviewed", "scans.booked"]})
    assert leaf(booked, "illness").id == before.id
    assert leaf(booked).id != before.id


def test_no_stay_goes_on_twice(booked):
    tracks = TWO_TRACKS.replace("under_way", "surveillance")
    migrate(booked, small(tracks), "2026-01-03", **{LEAF: ["scans.surveillance.booked", "disease.surveillance"]})
    ids = Counter(stay.id for stays in booked.enrollment.state.tracks.values() for stay in stays)
    assert max(ids.values()) == 1
    assert verify(booked.releases, booked.enrollment, booked.log) == []


# The stay beside it


def test_the_stay_beside_it_begins_with_the_leaf_and_its_deadlines_count_from_there(booked):
    migrate(booked, small(TWO_TRACKS), "2026-01-03T12:00:00", **{LEAF: BESIDE})
    stay = leaf(booked)
    assert stay.since == day("2026-01-02")
    assert stay.day
    assert stay.timers["task Call P2D"].due == day("2026-01-04")
    assert stay.timers["remind scan-soon -P3D from booked_for"].due == day("2026-01-17")
    booked.wait("2026-01-31")
    assert booked.states["scans"] == "overdue"
    assert verify(booked.releases, booked.enrollment, booked.log) == []


def test_states_around_a_target_begin_with_the_leaf_and_those_inside_it_with_the_migration(booked):
    migrate(booked, small(TWO_TRACKS), "2026-01-05", **{LEAF: ["disease.reviewed", "scans.under_way.booked"]})
    assert [stay.since for stay in booked.enrollment.state.tracks["scans"]] == [day("2026-01-02"), day("2026-01-02")]


def test_states_inside_the_target_begin_with_the_migration(booked):
    migrate(booked, small(TWO_TRACKS), "2026-01-05", **{LEAF: ["disease.reviewed", "scans.under_way"]})
    assert [stay.since for stay in booked.enrollment.state.tracks["scans"]] == [day("2026-01-02"), day("2026-01-05")]


@pytest.mark.parametrize("targets", [AS_A_PART, BESIDE])
def test_nobody_is_reminded_twice_and_what_is_still_to_come_comes(booked, targets):
    assert opened(booked.wait("2026-01-03")) == ["remind well-done P1D"]
    step = migrate(booked, small(TWO_TRACKS), "2026-01-03T12:00:00", **{LEAF: targets})
    assert [name for name in opened(step) if name.startswith("remind")] == []
    later = [name for number in range(4, 30) for name in opened(booked.wait(f"2026-01-{number:02}"))]
    assert [name for name in later if name.startswith("remind")] == ["remind scan-soon -P3D from booked_for@2026-01-20"]


@pytest.mark.parametrize("targets", [AS_A_PART, BESIDE])
def test_a_task_that_is_open_stays_open_and_one_that_is_done_stays_done(booked, targets):
    booked.wait("2026-01-05")
    booked.report("called", "2026-01-05")
    migrate(booked, small(TWO_TRACKS), "2026-01-06", **{LEAF: targets})
    state = booked.enrollment.state
    scans = [task.title for task in tasks_of(state, (), booked.releases[state.release].plan) if "scans" in task.state]
    assert scans == ["Write"]
    assert leaf(booked).done == {"task Call P2D"}


def test_a_task_of_the_state_that_is_done_is_done_in_each_target(booked):
    booked.wait("2026-01-31")
    booked.report("called", "2026-01-31")
    migrate(
        booked, small(TWO_TRACKS), "2026-02-01", disease__surveillance__overdue=["disease.reviewed", "scans.overdue"]
    )
    assert leaf(booked).done == leaf(booked, "disease").done == {"task"}


def test_a_firing_whose_timer_counts_otherwise_or_is_gone_is_not_taken_along(booked):
    booked.wait("2026-01-06")
    other = small(
        TWO_TRACKS,
        **{
            "{delay: P1D, remind": "{name: remind well-done P1D, delay: P9D, from: booked_for, remind",
            "title: Write": "title: Write a letter",
        },
    )
    migrate(booked, other, "2026-01-06", **{LEAF: BESIDE})
    assert [(fired.name, fired.anchor, fired.at) for fired in leaf(booked).fired] == [
        ("task Call P2D", None, day("2026-01-04")),
        ("task Write a letter P3D", None, day("2026-01-06")),  # a timer that is new is due at once
    ]
    assert leaf(booked).timers["remind well-done P1D"].due == day("2026-01-29")


# Visits, waiting events, other leaves


def test_visits_count_for_each_target_and_the_stay_beside_counts_none(booked):
    booked.report("booked", "2026-01-04", booked_for="2026-01-21")
    migrate(booked, small(TWO_TRACKS), "2026-01-05", **{LEAF: BESIDE})
    assert booked.enrollment.state.visits == {
        "disease.surveillance": 1,
        "disease.reviewed": 2,
        "scans.booked": 2,
    }


def waits(bench):
    """Report `asked` for a release that does not know its fact yet: it waits in the leaf."""
    event = Event("asked", "clinic", "staff", "asked", "reported", "asked", day("2026-01-03"), day("2026-01-03"))
    bench.step([event], "2026-01-03")
    assert [(waiting.track, waiting.type) for waiting in bench.enrollment.state.waiting] == [("disease", "asked")]


def test_a_waiting_event_goes_on_waiting_in_the_leafs_own_track_alone(booked):
    waits(booked)
    migrate(booked, small(TWO_TRACKS), "2026-01-05", **{LEAF: BESIDE})
    (waiting,) = booked.enrollment.state.waiting
    assert (waiting.track, waiting.stay) == ("disease", leaf(booked, "disease").id)


def test_a_waiting_event_whose_stay_goes_on_in_another_track_is_dropped(booked):
    waits(booked)
    migrate(booked, small(TWO_TRACKS), "2026-01-05", **{LEAF: AS_A_PART})
    assert not booked.enrollment.state.waiting


TRACK = """  {name}:
    initial: x
    states: {{x: {{title: {{en: X}}, on: {{called: y}}}}, y: {{title: {{en: Y}}, on: {{called: x}}}}}}
"""


def tracks_named(names):
    return bench_of("tracks:\n" + "".join(TRACK.format(name=name) for name in names), before=DECLARED)


@pytest.mark.parametrize(
    ("mapping", "source"),
    [
        ({"a__x": ["a.x", "c.y"], "b__x": ["c.y"]}, "c"),  # the leaf of its own name
        ({"a__x": ["a.x", "d.y"], "b__x": ["d.x", "e.y"]}, "b"),  # a leaf whose own target it is
        ({"b__x": ["e.y", "d.y"], "c__x": ["c.x", "d.x"]}, None),  # the first of the others, beside its own stay
    ],
)
def test_a_track_takes_the_leaf_of_its_name_else_the_first_whose_own_target_it_is_else_the_first(mapping, source):
    bench, track = tracks_named("abc"), "c" if "c.y" in str(mapping) else "d"
    bench.enroll("2026-01-01", entry=None)
    before = {name: stays[-1].id for name, stays in bench.enrollment.state.tracks.items()}
    migrate(bench, tracks_named("acde"), "2026-01-05", **mapping)
    assert bench.states[track] == ("x" if source else "y")
    assert leaf(bench, track).id == before.get(source, leaf(bench, track).id)
    assert leaf(bench, track).since == day("2026-01-01")
