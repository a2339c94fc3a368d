"""Paths of states."""

import pytest

from journeys.primitives.state_path import StatePath, chain_of, depth_of, is_within, name_of, parent_of, track_of


@pytest.mark.parametrize(
    ("full", "track", "path", "name", "parent"),
    [
        ("disease.treatment.surgery", "disease", "treatment.surgery", "surgery", "disease.treatment"),
        ("disease.treatment", "disease", "treatment", "treatment", None),
        ("disease", "disease", "", "", None),
    ],
)
def test_a_full_path_has_a_track_a_path_and_a_parent(full, track, path, name, parent):
    state = StatePath.parse(full)
    assert (state.track, state.path, state.name) == (track, path, name)
    assert str(state) == full
    assert (str(state.parent) if state.parent else None) == parent
    assert track_of(full) == track


def test_descendants_are_within_and_namesakes_are_not():
    surgery = StatePath.parse("disease.treatment.surgery")
    assert surgery.is_within(StatePath.parse("disease.treatment"))
    assert surgery.is_within(surgery)
    assert not surgery.is_within(StatePath.parse("support.treatment"))
    assert not is_within("treatment_later", "treatment")
    assert is_within("treatment.surgery", "treatment")


def test_a_path_within_a_track_is_taken_apart():
    assert chain_of("a.b.c") == ("a", "a.b", "a.b.c")
    assert (name_of("a.b.c"), parent_of("a.b.c"), parent_of("a"), depth_of("a.b")) == ("c", "a.b", None, 2)
