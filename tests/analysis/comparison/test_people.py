"""The changes for a patient under another release are found; a new name alone is not a change."""

import copy
import os
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.analysis.comparison import Lens, RecordedEnrollment, migrated, moved_now, try_release
from journeys.engine import active_events, refold
from journeys.engine.machine import make_release
from journeys.primitives.canonical import canonical
from tests.analysis.comparison.releases import RENAMED, SOONER, WITHOUT_OVERDUE, changed
from tests.engine.conftest import Bench, day
from tests.engine.test_against_reference import compiled, release_named, run
from tests.reference import fold as reference
from tests.reference.generate import random_case

SEEDS = int(os.environ.get("JOURNEYS_SEEDS_TRIED", "10"))


def release_of(*changes):
    return make_release(changed(*changes).journey)


def bench(*events):
    """A person who joined in January and to whom something happened, each on its day."""
    person = Bench(release_of())
    person.enroll("2026-01-01", entry=None)
    for trigger, on, facts in events:
        person.report(trigger, on, **facts)
    return person


SECOND = ("go", "2026-01-05", {})


def tried(person, *changes, mapping=None, now="2026-03-01"):
    new = release_of(*changes)
    releases = {**person.releases, new.id: new}
    lens = Lens(person.release.plan, new.plan, mapping or {})
    recorded = RecordedEnrollment(
        person.enrollment.id, person.enrollment.state, person.log, news=person.enrollment.told.open
    )
    return try_release(releases, lens, recorded, day(now))


def lines(differences):
    return [difference.in_words() for difference in differences]


def test_the_same_release_changes_nothing():
    result = tried(bench(SECOND))
    assert (result.beginning, result.moved) == ((), ())
    assert result.events == 2


def test_another_name_changes_nothing_but_where_people_are_said_to_stand():
    result = tried(bench(SECOND), *RENAMED)
    assert result.beginning == ()
    assert lines(result.moved) == ["place care: care.seen.overdue -> care.seen.late"]


def test_who_stands_in_a_state_that_is_gone_cannot_be_moved_without_a_target():
    person = bench(SECOND)
    assert tried(person, *WITHOUT_OVERDUE).moved is None
    result = tried(person, *WITHOUT_OVERDUE, mapping={"care.seen.overdue": "care.seen.second"})
    assert "place care: care.seen.overdue -> care.seen.second" in lines(result.moved)
    # The state was entered by a timer that the new release does not have.
    assert "visits care.seen.second: some -> fewer" in lines(result.beginning)


def test_a_shortened_timer_is_due_sooner():
    result = tried(bench(SECOND), *SOONER, now="2026-01-10")
    assert lines(result.moved) == ["timer care.seen.second: to care.seen.overdue: due -> sooner"]
    assert lines(result.beginning) == lines(result.moved)


def test_a_reminder_that_would_go_out_once_more_is_named():
    """The person has had it after 14 days; under its new name, of 10 days, it is another one."""
    later = ("delay: P30D", "delay: P60D")
    person = Bench(release_of(later))
    person.enroll("2026-01-01", entry=None)
    person.report("go", "2026-01-05")
    person.wait("2026-01-25")
    result = tried(person, later, ("delay: P14D", "delay: P10D"), now="2026-01-25")
    assert lines(result.moved) == ["reminder care.seen.second: come-back: open -> once more"]
    assert result.beginning == ()


def test_a_shortened_timer_that_would_have_fired_puts_people_elsewhere():
    result = tried(bench(SECOND), *SOONER, now="2026-01-20")
    assert "place care: care.seen.second -> care.seen.overdue" in lines(result.beginning)
    # Moved now, it fires at once: it is not due before the move.
    assert "place care: care.seen.second -> care.seen.overdue" in lines(result.moved)


SCANS = (
    "  support:\n",
    "  scans:\n    initial: none\n    states:\n      none: {title: {en: None}, on: {go: due}}\n"
    "      due:\n        title: {en: Due}\n        on: {called: none}\n        after:\n"
    "          - {delay: P30D, to: overdue}\n          - {delay: P14D, remind: come-back}\n"
    "      overdue: {title: {en: Overdue}, on: {called: none}}\n  support:\n",
)
TO_SCANS = {
    "care.seen.second": ["care.seen.first", "scans.due"],
    "care.seen.overdue": ["care.seen.first", "scans.overdue"],
}


def test_who_goes_to_two_tracks_is_named_in_both_and_is_reminded_as_before():
    result = tried(bench(SECOND), SCANS, mapping=TO_SCANS, now="2026-01-10")
    assert lines(result.moved) == [
        "place care: care.seen.second -> care.seen.first",
        "place scans: none -> scans.due",
    ]
    # As if the new release had been in force, the same report would have led to the same two states.
    changes = lines(result.beginning)
    assert not [change for change in changes if change.startswith(("place scans", "reminder", "timer scans"))]


def test_a_reminder_that_was_sent_is_not_sent_once_more_in_the_other_track():
    person = bench(SECOND)
    person.wait("2026-01-20")
    changes = lines(tried(person, SCANS, mapping=TO_SCANS, now="2026-01-20").moved)
    assert not [change for change in changes if change.startswith(("timer", "task"))]
    assert "once more" not in str(changes)


def test_who_has_left_is_not_moved():
    person = bench(SECOND, ("died", "2026-01-20", {}))
    assert tried(person, *RENAMED).moved is None


def test_a_fact_that_the_new_release_does_not_take_is_named_and_its_value_is_not():
    person = bench(SECOND, ("graded", "2026-01-10", {"grade": "middle"}))
    result = tried(person, ("[low, middle, high]", "[low, high]"))
    assert "fact grade: told -> none" in lines(result.beginning)
    assert "middle" not in "".join(lines(result.beginning) + lines(result.moved))


def accepted(entry, definition):
    """Return an entry without the facts that a release refuses."""
    facts = entry.get("facts", {}).items()
    return entry | {"facts": {name: value for name, value in facts if reference.knows(definition, name, value)}}


@settings(max_examples=8)
@given(st.integers(0, 9))
def test_a_move_foreseen_from_the_state_alone_is_what_the_whole_log_gives(seed):
    case = random_case(seed)
    if "r2" not in case.releases:
        return
    releases = {name: release_named(release, name) for name, release in compiled(case).items()}
    log = [accepted(entry, case.releases["r1"]) for entry in case.log if entry.get("kind") != "migrated"]
    enrollment, arrived = run(releases, log, case.now, batch=len(log))
    state = enrollment.state
    if state is None or not state.tracks:
        return
    maps = [entry["data"]["map"] for entry in case.log if entry.get("kind") == "migrated"]  # some with lists
    lens = Lens(releases["r1"].plan, replace(releases["r2"].plan, id="r2"), maps[0] if maps else {})
    events = active_events(arrived)
    after, _ = moved_now(releases, lens, "e", state, events, max(case.now, state.folded_to))
    move = migrated("e", "backtest", "r2", lens.map, max(case.now, state.folded_to))
    again, _ = refold(releases, "r1", [*events, move], move.at)
    assert canonical(after.to_stored()) == canonical(again.to_stored())


@settings(max_examples=8)
@given(st.integers(0, 9))
def test_who_is_seen_at_a_glance_to_stay_as_they_are_does(seed):
    """What is taken for unchanged without a closer look has no difference by a closer look either."""
    case = random_case(seed)
    releases = {name: release_named(release, name) for name, release in compiled(case).items()}
    enrollment, arrived = run(releases, case.log, case.now, batch=len(case.log))
    state = enrollment.state
    if state is None or not state.tracks:
        return
    for name, release in releases.items():
        lens = Lens(releases[state.release].plan, replace(release.plan, id=name), {})
        arguments = (
            releases,
            lens,
            RecordedEnrollment("e", state, arrived, news=enrollment.told.open),
            max(case.now, state.folded_to),
        )
        assert try_release(*arguments) == try_release(*arguments, differing=frozenset(state.tracks))


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
@pytest.mark.long
def test_for_whom_it_is_certain_without_the_log_that_nothing_is_otherwise_nothing_is(first):
    """One state of each random journey behaves otherwise; who never came to what that changes has no difference."""
    certain = uncertain = 0
    for seed in range(first, first + 10):
        case = random_case(seed)
        log = [entry for entry in case.log if entry.get("kind") != "migrated"]
        old = release_named(compiled(case)["r1"], "r1")
        for new in otherwise(case, 4):
            releases = {"r1": old, "new": new}
            lens = Lens(old.plan, new.plan, {})
            for some in (log, log[: len(log) // 2], log[:4]):
                now = some[-1]["arrived_at"]
                enrollment, arrived = run(releases, some, now, batch=len(some))
                state = enrollment.state
                if state is None or not lens.changes_nothing(state, frozenset()):
                    uncertain += 1
                    continue
                certain += 1
                results = refold(releases, "r1", active_events(arrived), now)[1]
                outcomes = {result.key: result.outcome for result in results if not result.is_timer}
                result = try_release(
                    releases,
                    lens,
                    RecordedEnrollment("e", state, arrived, outcomes, enrollment.told.open),
                    max(now, state.folded_to),
                    differing=frozenset(state.tracks),
                )
                assert (result.beginning, result.moved) == ((), ()), f"seed {seed}"
    assert certain > 0 and uncertain > 0


def otherwise(case, count):
    """The first release of a case, again and again, one state of which does something else or later."""
    rng = random.Random(f"{case.seed}/otherwise")
    for _ in range(count):
        definition = copy.deepcopy(case.releases["r1"])
        states = [state for track in definition["tracks"].values() for state in all_states(track["states"])]
        state = rng.choice(
            [
                state_definition
                for state_definition in states
                if state_definition.get("on") or state_definition.get("after")
            ]
        )
        if state.get("on") and rng.random() < 0.5:
            del state["on"][rng.choice(sorted(state["on"]))]
        for timer in state.get("after", ()):
            timer["delay"] = rng.choice(["P5D", "P9M"])
        changed_case = replace(case, releases={"r1": definition})
        try:
            yield release_named(compiled(changed_case)["r1"], "new")
        except AssertionError:  # lint has something against it
            continue


def all_states(states):
    for state in states.values():
        yield state
        yield from all_states(state.get("states", {}))
