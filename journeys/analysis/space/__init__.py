"""The abstract machine that paths and proofs share: configurations of tracks, and how they react to an instant."""

from journeys.analysis.space.configuration import (
    Choices,
    Reaction,
    SpaceConfiguration,
    SpaceStep,
)
from journeys.analysis.space.dependencies import conditions_of, dependencies_of, tracks_of, visits_in
from journeys.analysis.space.offers import Offers, offers_of
from journeys.analysis.space.state_space import ASKS_A_FACT, StateSpace

__all__ = [
    "ASKS_A_FACT",
    "Choices",
    "Offers",
    "Reaction",
    "SpaceConfiguration",
    "SpaceStep",
    "StateSpace",
    "conditions_of",
    "dependencies_of",
    "offers_of",
    "tracks_of",
    "visits_in",
]
