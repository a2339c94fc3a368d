"""Which surveys come in a told view. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from journeys.content.catalogue import world_of
from journeys.definition.compiler import ReleasePlan, SurveyPlan
from journeys.engine import State
from journeys.engine.asked import SurveyStatus
from journeys.primitives.canonical import midnight, stored_time


def coming_surveys(plan: ReleasePlan, view: State, now: datetime) -> tuple[str, ...]:
    """The surveys to ask in a told view, in their order: those that may be answered and that nobody declined.

    None comes in a state that asks nothing.
    """
    if not plan.surveys or any(_asks_nothing(plan, *place.split(".", 1)) for place in view.places):
        return ()
    return tuple(
        key for key in open_surveys(plan, view, now) if key not in view.surveyed or not view.surveyed[key].is_declined
    )


def declined_surveys(plan: ReleasePlan, view: State, now: datetime) -> tuple[str, ...]:
    """The surveys that the patient would rather not answer, and may still."""
    return tuple(
        key for key in open_surveys(plan, view, now) if key in view.surveyed and view.surveyed[key].is_declined
    )


def open_surveys(plan: ReleasePlan, view: State, now: datetime) -> tuple[str, ...]:
    """The surveys that a patient may answer in a told view: those that come here and are not finished.

    Args:
        plan: the release in force.
        view: the told view, so that what is held opens none before its telling.
        now: the instant at which conditions are evaluated.
    """
    if view.ended is not None:
        return ()
    return tuple(
        key
        for key, survey in plan.surveys.items()
        if _is_unanswered(survey, view.surveyed.get(key), now) and _comes_here(survey, view, now)
    )


def _is_unanswered(survey: SurveyPlan, status: SurveyStatus | None, now: datetime) -> bool:
    """Whether a survey was not answered, or comes again since; its day counts, not the hour."""
    if status is None or status.is_declined:
        return True
    if survey.again is None:
        return False
    answered = midnight(stored_time(status.at)[0].astimezone(UTC).date().isoformat())
    return survey.again.after(answered) <= now


def _comes_here(survey: SurveyPlan, view: State, now: datetime) -> bool:
    """Whether an open state has the survey, and its condition is true there."""
    return any(
        survey.when is None or survey.when.ask(world_of(view, now, stay)) is True
        for track, stays in view.tracks.items()
        for stay in stays
        if f"{track}.{stay.state}" in survey.states
    )


def _asks_nothing(plan: ReleasePlan, track: str, path: str) -> bool:
    return track in plan.journey.tracks and plan.journey.tracks[track].states[path].asks_nothing
