"""What states, triggers, facts and values are called in a locale. It reads declarations only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Fact

#: What events of every journey are called.
_OWN_WORDS: Mapping[str, Mapping[str, str]] = {
    "enrolled": {"en": "Joined", "es": "Inscripción"},
    "placed": {"en": "Put right by the care team", "es": "Corregido por el equipo"},
    "migrated": {"en": "Moved to a new version", "es": "Paso a una nueva versión"},
    "seen": {"en": "Read", "es": "Leído"},
    "dismissed": {"en": "Put away", "es": "Guardado"},
    "helpful": {"en": "Found helpful", "es": "Resultó útil"},
}


def own_titles(locale: str) -> dict[str, str]:
    """What events of every journey are called in a locale, for those who review it."""
    return {name: in_locale(titles, locale, ()) for name, titles in _OWN_WORDS.items()}


def title_of(plan: ReleasePlan, track: str, path: str, locale: str) -> str:
    """The title of a state, or of the nearest state around it that has one, or else its path."""
    if track not in plan.tracks:
        return path
    states = plan.tracks[track].declared.states
    around: str | None = path
    while around is not None:
        state = states.get(around)
        if state is not None and state.title:
            return in_locale(state.title, locale, plan.journey.locales)
        around = around.rpartition(".")[0] or None
    return path


def trigger_title(plan: ReleasePlan, trigger: str, locale: str) -> str:
    """The title of a trigger, or else its name with blanks."""
    declared = plan.journey.triggers.get(trigger) or plan.journey.ends.get(trigger)
    if declared is not None and declared.title:
        return in_locale(declared.title, locale, plan.journey.locales)
    words = _OWN_WORDS.get(trigger)
    return in_locale(words, locale, ()) if words is not None else trigger.replace("_", " ")


def journey_title(plan: ReleasePlan, locale: str) -> str:
    """The title of the journey, or else its key."""
    title = plan.journey.title
    return in_locale(title, locale, plan.journey.locales) if title else plan.journey.key


def fact_title(plan: ReleasePlan, fact: Fact, locale: str) -> str:
    """The title of a fact, or else its name with blanks."""
    return in_locale(fact.title, locale, plan.journey.locales) if fact.title else fact.name.replace("_", " ")


def label_of(plan: ReleasePlan, fact: Fact, value: str, locale: str) -> str:
    """The label of a value of a choice or set, or else the value itself."""
    label = fact.labels.get(value)
    return in_locale(label, locale, plan.journey.locales) if label else value


def in_locale(titles: Mapping[str, str], locale: str, declared: Sequence[str]) -> str:
    """A text in a locale, or else in the first declared one that has it."""
    for one in (locale, locale.partition("-")[0], *declared):
        if one in titles:
            return titles[one]
    return next(iter(titles.values()))
