"""Stories: dated scripts of events with what must happen, written as data, played with a virtual clock."""

from journeys.stories.play import Line, Mismatch, Played, Stage, play
from journeys.stories.script import EXPECTED, Story, StoryStep, read_story
from journeys.stories.transcript import Wording, transcript
from journeys.stories.update import updated

__all__ = [
    "EXPECTED",
    "Line",
    "Mismatch",
    "Played",
    "Stage",
    "Story",
    "StoryStep",
    "Wording",
    "play",
    "read_story",
    "transcript",
    "updated",
]
