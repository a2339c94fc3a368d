"""A walk through a journey: a story that grows by one step at a time, and whose text fits into an address."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import datetime

from journeys.authoring.stories.script import Story, StoryStep, read_story
from journeys.authoring.stories.write import story_text
from journeys.primitives.canonical import midnight

#: The longest packed story, in characters: web servers accept request lines of about 4,000.
LONGEST_PACKED = 3_500
_LONGEST_TEXT = 64 * 1024
_FILE = "walk"


class UnreadableWalk(ValueError):
    """The text of an address is not a packed story."""


class WalkTooLong(ValueError):
    """The story does not fit into an address."""


def packed_story(story: Story) -> str:
    """A story without its expectations in letters, digits, `-` and `_`.

    Raises:
        WalkTooLong: it would have more than `LONGEST_PACKED` characters.
    """
    text = urlsafe_b64encode(zlib.compress(story_text(story).encode(), 9)).decode().rstrip("=")
    if len(text) > LONGEST_PACKED:
        raise WalkTooLong(f"The walk has too many steps to continue: {len(story.steps)}.")
    return text


def unpacked_story(text: str) -> Story:
    """The story of a packed text.

    Raises:
        UnreadableWalk: it is not a text that `packed_story` returned.
    """
    if len(text) > LONGEST_PACKED or not text.isascii():
        raise UnreadableWalk
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), _LONGEST_TEXT)
    except (ValueError, zlib.error) as error:
        raise UnreadableWalk from error
    story, _ = read_story(data, _FILE) if reader.eof else (None, [])
    if story is None:
        raise UnreadableWalk
    return story


def step_at(instant: datetime) -> StoryStep:
    """A step at an instant, UTC, in which nothing happens yet; the first instant of a day is written as that day."""
    return StoryStep(at=instant, day=instant == midnight(instant.date().isoformat()))


def with_step(story: Story, steps: int, step: StoryStep) -> Story:
    """The first steps of a story, and one more."""
    return replace(story, steps=(*story.steps[:steps], step))


def without_expectations(story: Story) -> Story:
    """The story as a script only."""
    return replace(story, steps=tuple(replace(step, expect={}) for step in story.steps))
