"""The abstract machine that paths and proofs share: configurations of tracks, and how they react to an instant."""

from journeys.analysis.space.configuration import Choices, SpaceConfiguration, SpaceStep, StepKind
from journeys.analysis.space.dependencies import conditions_of, dependencies_of, tracks_of, visits_in
from journeys.analysis.space.offers import Offers, reads_states
from journeys.analysis.space.state_space import ASKS_A_FACT, StateSpace

__all__ = [
    "ASKS_A_FACT",
    "Choices",
    "Offers",
    "SpaceConfiguration",
    "SpaceStep",
    "StateSpace",
    "StepKind",
    "conditions_of",
    "dependencies_of",
    "reads_states",
    "tracks_of",
    "visits_in",
]
