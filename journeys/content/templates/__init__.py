"""The template language of pieces: Jinja's grammar, our meaning. Nothing of Jinja is ever executed.

Jinja's parser returns a tree. Every node that is not on a short list is refused with its line; the others become a tree
of our own values, which `fill` walks. So rendering cannot reach Python, and its work is bounded before it begins
(docs/decisions.md, 'Templates are interpreted').
"""

from journeys.content.templates.certainty import Cases
from journeys.content.templates.fill import Filled, UnknownValue, fill, taken_arm
from journeys.content.templates.nodes import (
    ADDRESSES,
    CODE,
    MESSAGE,
    SIGN_IN,
    UNSUBSCRIBE,
    Arm,
    Branch,
    FrameValue,
    Node,
    OfProgramme,
    Repeat,
    SourcePosition,
    Template,
    Value,
    Words,
    walk,
    with_values,
)
from journeys.content.templates.parse import (
    MAX_BYTES,
    MAX_INCLUDES,
    MAX_OUTPUT,
    Source,
    included_names,
    read_template,
)
from journeys.content.templates.renderings import MAX_RENDERINGS, Rendering, TooManyRenderings, renderings

__all__ = [
    "ADDRESSES",
    "CODE",
    "MAX_BYTES",
    "MAX_INCLUDES",
    "MAX_OUTPUT",
    "MAX_RENDERINGS",
    "MESSAGE",
    "SIGN_IN",
    "UNSUBSCRIBE",
    "Arm",
    "Branch",
    "Cases",
    "Filled",
    "FrameValue",
    "Node",
    "OfProgramme",
    "Rendering",
    "Repeat",
    "Source",
    "SourcePosition",
    "Template",
    "TooManyRenderings",
    "UnknownValue",
    "Value",
    "Words",
    "fill",
    "included_names",
    "read_template",
    "renderings",
    "taken_arm",
    "walk",
    "with_values",
]
