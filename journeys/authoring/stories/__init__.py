"""Stories: dated scripts of events with the expected results, written as data and played with a virtual clock."""

from journeys.authoring.stories.asking import Compile, compiled_once
from journeys.authoring.stories.personas import (
    Person,
    Persona,
    PersonaForm,
    is_persona,
    meet,
    read_persona,
    read_persona_file,
)
from journeys.authoring.stories.play import Stage, play
from journeys.authoring.stories.played import Mismatch, Played, StepEnd, StoryLine
from journeys.authoring.stories.scene import NoSuchState, imagine
from journeys.authoring.stories.script import Story, StoryForm, StoryStep, read_story
from journeys.authoring.stories.transcript import Wording, transcript
from journeys.authoring.stories.update import flow, updated
from journeys.authoring.stories.walk import (
    UnreadableWalk,
    WalkTooLong,
    packed_story,
    step_at,
    unpacked_story,
    with_step,
    without_expectations,
)
from journeys.authoring.stories.write import story_text

__all__ = [
    "Compile",
    "Mismatch",
    "NoSuchState",
    "Person",
    "Persona",
    "PersonaForm",
    "Played",
    "Stage",
    "StepEnd",
    "Story",
    "StoryForm",
    "StoryLine",
    "StoryStep",
    "UnreadableWalk",
    "WalkTooLong",
    "Wording",
    "compiled_once",
    "flow",
    "imagine",
    "is_persona",
    "meet",
    "packed_story",
    "play",
    "read_persona",
    "read_persona_file",
    "read_story",
    "step_at",
    "story_text",
    "transcript",
    "unpacked_story",
    "updated",
    "with_step",
    "without_expectations",
]
