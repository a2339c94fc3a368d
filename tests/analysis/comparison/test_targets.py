"""Where each state goes: by a mapping, by what was renamed, by its own name; and the way back."""

import functools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.analysis.comparison import (
    DROPPED,
    compare,
    further_leaf_targets,
    further_targets,
    inverse_of,
    leaf_targets,
    map_of,
    read_mapping,
    targets,
)
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from tests.analysis.comparison.releases import BEFORE, RENAMED, WITHOUT_OVERDUE, changed, plan_of
from tests.reference.generate import random_case

OLD = plan_of(BEFORE)


def test_a_state_goes_where_its_name_is():
    assert targets(OLD, OLD) == {full: full for full in OLD.states}


def test_what_was_renamed_goes_by_its_new_name():
    new = changed(*RENAMED)
    assert targets(OLD, new)["care.seen.overdue"] == "care.seen.late"
    assert map_of(OLD, new) == {"care.seen.overdue": "care.seen.late"}


def test_a_renamed_parent_or_track_takes_along_what_is_inside():
    new = changed(
        ("called: seen}", "called: watched}"),
        ("      seen:\n", "      watched:\n"),
        ("    initial: seen\n", "    initial: watched\n"),
        ("care.seen.first", "health.watched.first"),
        ("  care:\n", "  health:\n"),
        ("tracks:", "renamed: {care: health, care.seen: health.watched}\ntracks:"),
    )
    state_targets = targets(OLD, new)
    assert state_targets["care.seen.second"] == "health.watched.second"
    assert state_targets["care.done"] == "health.done"
    assert None not in state_targets.values()
    assert compare(OLD, new).of("state", "removed") == []


def test_a_state_that_is_gone_has_no_target_until_it_is_mapped():
    new = changed(*WITHOUT_OVERDUE)
    assert [full for full, to in targets(OLD, new).items() if to is None] == ["care.seen.overdue"]
    assert targets(OLD, new, {"care.seen.overdue": "care.seen.second"})["care.seen.overdue"] == "care.seen.second"


def test_a_mapping_of_a_parent_takes_all_inside_and_goes_before_names():
    state_targets = targets(OLD, OLD, {"care.seen": "care.done"})
    assert {state_targets[f"care.seen.{leaf}"] for leaf in ("first", "second", "overdue")} == {"care.done"}


def test_a_target_is_followed_down_to_where_people_will_stand():
    assert leaf_targets(OLD, OLD, {"care.done": "care.seen"})["care.done"] == "care.seen.first"


def test_a_track_that_is_gone_has_no_target_unless_it_is_dropped():
    new = changed(("  support:\n    initial: managing\n", "  help:\n    initial: managing\n"))
    assert targets(OLD, new)["support.managing"] is None
    assert targets(OLD, new, {"support": DROPPED})["support.managing"] == DROPPED
    assert map_of(OLD, new, {"support": DROPPED}) == {}


def test_a_mapping_file_says_what_is_wrong_and_where():
    text = b"""\
care.seen.overdue: care.seen.second
care.seen.overdu: care.done
care.done: care.dome
support: dropped
care.seen.first: dropped
"""
    mapping, problems = read_mapping(text, "map.yaml", [OLD], OLD)
    assert mapping == {"care.seen.overdue": "care.seen.second"}
    assert [str(problem) for problem in problems] == [
        "map.yaml:2:1 error mapping Unknown state 'care.seen.overdu' of an earlier release. Write the full path "
        "with its track. Did you mean 'care.seen.overdue'?",
        "map.yaml:3:12 error mapping Unknown state 'care.dome' of the new release. Write the full path with its "
        "track. Did you mean 'care.done'?",
        "map.yaml:4:10 error mapping The track 'support' is in the new release too, so it cannot be dropped.",
        "map.yaml:5:18 error mapping Only a track can be dropped; 'care.seen.first' needs a state of the new release.",
    ]
    _, problems = read_mapping(b"- a list\n", "map.yaml", [OLD], OLD)
    assert "must be keys and values" in str(problems[0])
    _, problems = read_mapping(b"a: b\na: c\n", "map.yaml", [OLD], OLD)
    assert problems


SCANS = (
    "  support:\n",
    "  scans:\n    initial: none\n    states:\n      none: {title: {en: None}, on: {go: due}}\n"
    "      due: {title: {en: Due}, on: {go: none}}\n      kept:\n        title: {en: Kept}\n        initial: here\n"
    "        on: {called: stay}\n        states: {here: {title: {en: Here}, on: {go: stay}}}\n  support:\n",
)
WITH_SCANS = (SCANS, ("on: {go: due}", "on: {go: due, called: kept}"))


def test_a_list_gives_a_state_targets_in_several_tracks_its_own_first():
    new = changed(*WITH_SCANS)
    mapping = {"care.seen.overdue": ["scans.due", "care.seen.second"], "care.done": ["care.done", "scans.kept"]}
    assert targets(OLD, new, mapping)["care.seen.overdue"] == "care.seen.second"
    assert further_targets(OLD, new, mapping) == {"care.seen.overdue": ("scans.due",), "care.done": ("scans.kept",)}
    assert leaf_targets(OLD, new, mapping)["care.done"] == "care.done"
    assert further_leaf_targets(OLD, new, mapping)["care.done"] == ("scans.kept.here",)
    assert map_of(OLD, new, mapping) == {
        "care.seen.overdue": ["care.seen.second", "scans.due"],
        "care.done": ["care.done", "scans.kept"],
    }
    assert map_of(OLD, new, {"care.done": ["care.done"]}) == {}


def test_a_list_of_a_parent_takes_along_what_is_inside():
    mapping = {"care.seen": ["care.seen", "scans.due"]}
    assert targets(OLD, changed(*WITH_SCANS), mapping)["care.seen.first"] == "care.seen.first"
    assert further_targets(OLD, changed(*WITH_SCANS), mapping)["care.seen.first"] == ("scans.due",)


def test_a_release_declares_a_list_too():
    new = changed(
        *WITH_SCANS, *RENAMED[:1], ("tracks:", "renamed: {care.seen.overdue: [care.seen.late, scans.due]}\ntracks:")
    )
    assert map_of(OLD, new) == {"care.seen.overdue": ["care.seen.late", "scans.due"]}


def test_a_list_in_a_mapping_file_is_checked():
    text = b"""\
care.seen.first: [care.seen.first, scans.due]
care.seen.second: [care.seen.second, care.done]
care.seen.overdue: [care.seen.second, scans.du]
care.done: []
support: [support, scans.due]
support.managing: [support.managing, dropped]
care.seen: [[care.seen]]
"""
    mapping, problems = read_mapping(text, "map.yaml", [OLD], changed(*WITH_SCANS))
    assert mapping == {"care.seen.first": ["care.seen.first", "scans.due"]}
    assert [str(problem).removeprefix("map.yaml:").replace("error mapping ", "") for problem in problems] == [
        "2:19 'care.seen.second' and 'care.done' are both in the track 'care'; a list takes one state a track.",
        "3:39 Unknown state 'scans.du' of the new release. Write the full path with its track. "
        "Did you mean 'scans.due'?",
        "4:12 The list is empty. Name at least one state of the new release.",
        "5:10 Only a state can go to several states; 'support' is a track. Map its states.",
        "6:38 Only a track can be dropped; 'support.managing' needs a state of the new release.",
        "7:13 A target of 'care.seen' must be a text, not a list.",
    ]


def test_the_way_back_of_a_list_names_what_came_by_it():
    back = inverse_of(OLD, changed(*WITH_SCANS), {"care.seen.overdue": ["care.seen.overdue", "scans.due"]})
    assert back.mapping == {}
    assert back.lost == {"scans.none": (), "scans.due": ("care.seen.overdue",), "scans.kept.here": ()}


def test_a_state_that_goes_to_a_new_track_is_renamed_to_what_is_new():
    new = changed(*WITH_SCANS, *WITHOUT_OVERDUE)
    words = compare(OLD, new, {"care.seen.overdue": ["care.seen.second", "scans.due"]}).in_words()
    assert "state renamed: scans.due: care.seen.overdue -> scans.due" in words
    assert "state added: scans.none" in words


def test_the_way_back_of_a_renaming_is_exact():
    back = inverse_of(OLD, changed(*RENAMED))
    assert back.mapping == {"care.seen.late": "care.seen.overdue"}
    assert (back.lost, back.merged) == ({}, {})


def test_the_way_back_says_who_cannot_be_told_apart_and_what_has_none():
    extra = "on: {go: extra}\n      extra:\n        title: {en: Extra}\n        on: {go: done}\n  support"
    new = changed(*WITHOUT_OVERDUE, ("on: {go: stay}\n  support", extra))
    back = inverse_of(OLD, new, {"care.seen.overdue": "care.seen.second"})
    assert back.merged == {"care.seen.second": ("care.seen.overdue",)}
    assert back.lost == {"care.extra": ()}


@functools.cache
def releases_of(seed):
    """Return the releases of a random case, compiled."""
    case = random_case(seed)
    return [compile_journey(read_journey(case.definition_yaml(name).encode(), name)[0]) for name in case.releases]


seeds = st.integers(0, 5)  # each takes a while to grow and to read


@settings(max_examples=12)
@given(seeds)
def test_targets_are_total_and_lie_in_the_new_release(seed):
    plans = releases_of(seed)
    old, new = plans[0], plans[-1]
    state_targets = targets(old, new)
    assert list(state_targets) == list(old.states)
    assert all(to is None or to in new.states for to in state_targets.values())
    leaves = {f"{track.name}.{path}" for track in new.tracks.values() for path in track.leaves}
    assert all(to is None or to in leaves for to in leaf_targets(old, new).values())
    assert compare(old, old).changes == ()


@settings(max_examples=12)
@given(seeds)
def test_what_is_added_one_way_is_removed_the_other(seed):
    plans = releases_of(seed)
    old, new = plans[0], plans[-1]
    forward, back = compare(old, new), compare(new, old)
    for subject in ("track", "state", "fact", "trigger", "entry", "condition"):
        assert {change.name for change in forward.of(subject, "added")} == {
            change.name for change in back.of(subject, "removed")
        }
    states = {change.name for change in forward.of("state", "added")} | (old.states.keys() & new.states.keys())
    assert states == new.states.keys()


@settings(max_examples=12)
@given(seeds, st.data())
@pytest.mark.long
def test_what_is_renamed_and_declared_changes_nothing_else_and_can_be_undone(seed, data):
    """Any states under other names: people go on, the comparison has renamings alone, the way back is exact."""
    text = random_case(seed).definition_yaml(next(iter(random_case(seed).releases)))
    old = compile_journey(read_journey(text.encode(), "old.yaml")[0])
    chosen = data.draw(st.sets(st.sampled_from(sorted(old.journey.tracks)), min_size=1))
    renamed = {name: f"{name}_anew" for name in chosen}
    new = compile_journey(read_journey(with_tracks_renamed(text, renamed).encode(), "new.yaml")[0])
    state_targets = targets(old, new)
    assert all(to == renamed_path(full, renamed) for full, to in state_targets.items())
    comparison = compare(old, new)
    assert comparison.of("state", "added") == comparison.of("state", "removed") == []
    assert {change.after for change in comparison.of("state", "renamed")} == {
        to for full, to in state_targets.items() if to != full
    }
    back = inverse_of(old, new)
    assert {to: full for full, to in state_targets.items() if to != full} == back.mapping
    assert (back.lost, back.merged) == ({}, {})


def renamed_path(full, renamed):
    track, _, path = full.partition(".")
    return f"{renamed.get(track, track)}.{path}"


def with_tracks_renamed(text, renamed):
    """Return a definition in which tracks are called otherwise, and says so."""
    for old, new in renamed.items():
        text = re.sub(rf"\b{old}\b(?=[.:])", new, text)
    return text + "\nrenamed:\n" + "".join(f"  {old}: {new}\n" for old, new in renamed.items())
