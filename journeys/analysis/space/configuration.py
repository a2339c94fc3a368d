"""The values of the state space: a configuration, the transitions that tracks choose, and a step; values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from journeys.definition.compiler import Candidate

StepKind = Literal["event", "waited", "timer", "aside", "end"]

Choices = tuple[tuple[str, Candidate], ...]
#: The transitions that tracks take at one instant, in order: the name of each track with its transition; no `stay`.


class SpaceConfiguration(NamedTuple):
    """The leaf (a path in its track) of each track of a space, and the capped visit counts of the counted states."""

    leaves: tuple[str, ...]
    visits: tuple[int, ...] = ()


class Reaction(NamedTuple):
    """All transitions that follow from some choices at one instant, those that entries set off included."""

    taken: Choices
    after: SpaceConfiguration


@dataclass(frozen=True, slots=True, eq=False)
class SpaceStep:
    """How one configuration leads to another.

    Attributes:
        kind: an event, one that has waited for a fact, a timer, an entry of a track outside the space (`aside`), or an
            event that ends the enrollment.
        trigger: the event, the timer, or the entry.
        after: the configuration after the step; that before it where the enrollment ends.
    """

    kind: StepKind
    trigger: str
    after: SpaceConfiguration
