"""Titles of states, triggers, facts and values in a locale. It reads declarations only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Fact, Track
from journeys.primitives.messages import package_translations
from journeys.primitives.state_path import chain_of, parent_of

#: The titles of the events that every journey has.
_EVENT_TITLES = package_translations("journeys", "screen")


def own_titles(locale: str) -> Mapping[str, str]:
    """The titles of the events that every journey has, by trigger, for reviewers."""
    return _EVENT_TITLES.for_locale(locale)


def title_of(plan: ReleasePlan, track: str, path: str, locale: str) -> str:
    """The title of a state, or of its nearest ancestor with a title, or else its path."""
    if track not in plan.tracks:
        return path
    states = plan.tracks[track].declared.states
    ancestor: str | None = path
    while ancestor:
        state = states.get(ancestor)
        if state is not None and state.title:
            return in_locale(state.title, locale, plan.journey.locales)
        ancestor = parent_of(ancestor)
    return path


def is_silent(track: Track, path: str) -> bool:
    """Whether a state, or one around it, declares `no_content`: patients have nothing to read in it."""
    return any(track.states[part].no_content for part in chain_of(path))


def trigger_title(plan: ReleasePlan, trigger: str, locale: str) -> str:
    """The title of a trigger, or else its name with spaces."""
    declared = plan.journey.triggers.get(trigger) or plan.journey.ends.get(trigger)
    if declared is not None and declared.title:
        return in_locale(declared.title, locale, plan.journey.locales)
    return _EVENT_TITLES.for_locale(locale).get(trigger) or trigger.replace("_", " ")


def journey_title(plan: ReleasePlan, locale: str) -> str:
    """The title of the journey, or else its key."""
    title = plan.journey.title
    return in_locale(title, locale, plan.journey.locales) if title else plan.journey.key


def fact_title(plan: ReleasePlan, fact: Fact, locale: str) -> str:
    """The title of a fact, or else its name with spaces."""
    return in_locale(fact.title, locale, plan.journey.locales) if fact.title else fact.name.replace("_", " ")


def label_of(plan: ReleasePlan, fact: Fact, value: str, locale: str) -> str:
    """The label of a value of a choice or set, or else the value itself."""
    label = fact.labels.get(value)
    return in_locale(label, locale, plan.journey.locales) if label else value


def in_locale(titles: Mapping[str, str], locale: str, declared: Sequence[str]) -> str:
    """A text in a locale, or else in the first declared one that has it."""
    for candidate in (locale, locale.partition("-")[0], *declared):
        if candidate in titles:
            return titles[candidate]
    return next(iter(titles.values()))
