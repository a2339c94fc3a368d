"""A walk is a story in an address: every shipped story survives it, and nothing else is read as a walk."""

import zlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeys.authoring.stories import (
    StoryStep,
    UnreadableWalk,
    WalkTooLong,
    packed_story,
    read_story,
    unpacked_story,
    with_step,
    without_expectations,
)
from journeys.authoring.stories.walk import LONGEST_PACKED
from journeys.definition.model import NOWHERE
from tests.folders import ROOT, SAMPLES

STORIES = sorted([*(ROOT / "tests/stories").glob("*/*.yaml"), *(SAMPLES / "stories").glob("*.yaml")])


def read(path):
    return read_story(path.read_bytes(), str(path))[0]


def bare(story):
    """The script alone: no file, no marks, no expectations."""
    steps = tuple(replace(step, mark=NOWHERE) for step in without_expectations(story).steps)
    return replace(story, file="", steps=steps)


def packed(text: bytes) -> str:
    return urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_every_story_fits_into_an_address_and_comes_back_as_it_was(path):
    story = read(path)
    text = packed_story(story)
    assert len(text) <= LONGEST_PACKED and text.replace("-", "").replace("_", "").isalnum()
    assert bare(unpacked_story(text)) == bare(story)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "%%%",
        "A" * (LONGEST_PACKED + 1),
        packed(b"story: x\n"),
        packed(b"- a list\n"),
        packed(b"\xff\xfe"),
        packed(b"journey: x\nsteps: []\nstory: x\n"),
        packed(b"a" * 10_000_000),
        packed(b"story: x")[:-4],
    ],
    ids=range(11),
)
def test_another_text_is_not_a_walk(text):
    with pytest.raises(UnreadableWalk):
        unpacked_story(text)


def test_a_walk_of_too_many_steps_says_how_many():
    story = read(STORIES[0])
    for number in range(1_000):
        step = StoryStep(at=datetime(2026, 1, 1, tzinfo=UTC), action="report", target=f"trigger_{number * 7_919}")
        story = with_step(story, len(story.steps), step)
    with pytest.raises(WalkTooLong, match=str(len(story.steps))):
        packed_story(story)


def test_a_step_after_an_earlier_one_leaves_out_those_that_followed():
    story = read(STORIES[0])
    longer = with_step(story, 2, StoryStep(wait="P1D"))
    assert longer.steps[:2] == story.steps[:2] and longer.steps[2:] == (StoryStep(wait="P1D"),)
