"""Stories: dated scripts of events with the expected results, written as data and played with a virtual clock."""

from journeys.authoring.stories.personas import (
    Person,
    Persona,
    PersonaForm,
    is_persona,
    meet,
    read_persona,
    read_persona_file,
)
from journeys.authoring.stories.play import Mismatch, Played, Stage, StoryLine, play
from journeys.authoring.stories.scene import NoSuchState, imagine
from journeys.authoring.stories.script import Story, StoryForm, StoryStep, read_story
from journeys.authoring.stories.transcript import Wording, transcript
from journeys.authoring.stories.update import flow, updated

__all__ = [
    "Mismatch",
    "NoSuchState",
    "Person",
    "Persona",
    "PersonaForm",
    "Played",
    "Stage",
    "Story",
    "StoryForm",
    "StoryLine",
    "StoryStep",
    "Wording",
    "flow",
    "imagine",
    "is_persona",
    "meet",
    "play",
    "read_persona",
    "read_persona_file",
    "read_story",
    "transcript",
    "updated",
]
