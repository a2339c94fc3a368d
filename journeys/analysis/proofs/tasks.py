"""Finds the situations in which a trigger opens no task in time; it decides no property."""

from __future__ import annotations

from datetime import UTC, datetime

from journeys.analysis.proofs.proof_space import ProofSpace
from journeys.analysis.space import Choices, SpaceConfiguration
from journeys.primitives.durations import Duration, parse_duration

_START = datetime(2026, 1, 1, tzinfo=UTC)
#: Durations are compared as counted from here; a month has 31 days then.


def without_task(space: ProofSpace, trigger: str, within: str) -> list[SpaceConfiguration]:
    """The configurations, nearest first, in which a report may enter no state whose task is due within a duration.

    The report may bring any values of the facts that it needs. A task that is open from before does not count, because
    somebody may have done it.

    Raises:
        TooManyConfigurations: when the space has more than its limit.
        TooManyCells: when the facts have too many combinations of values.
    """

    def opens_task(configuration: SpaceConfiguration) -> bool:
        reactions = list(space.reactions(trigger, configuration))
        return bool(reactions) and all(_has_task(taken, within) for taken in reactions)

    return [configuration for configuration in space.reached if not opens_task(configuration)]


def _has_task(taken: Choices, within: str) -> bool:
    entered = (state for _, candidate in taken for state in candidate.enters or ())
    return any(state.task is not None and _is_in_time(state.task.within, within) for state in entered)


def _is_in_time(due: Duration, within: str) -> bool:
    return due.after(_START) <= parse_duration(within).after(_START)
