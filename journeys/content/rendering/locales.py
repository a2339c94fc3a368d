"""Which locale is served, how a value reads in it, and the few words of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date

from journeys.content.templates import Value
from journeys.content.templates.fill import Show
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value as FactValue

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "sources": "Sources",
        "back": "Back to the text",
        "subject": "There is something new for you to read",
        "why": "For this step: {}",
        "draft": "DRAFT, not approved, not for patients",
    },
    "es": {
        "sources": "Fuentes",
        "back": "Volver al texto",
        "subject": "Hay algo nuevo para leer",
        "why": "Para esta etapa: {}",
        "draft": "BORRADOR, sin aprobar, no es para pacientes",
    },
}
LOCALES_WITH_WORDS = tuple(_WORDS)

_CONTROLS = {code: None for code in (*range(32), 127, *range(128, 160)) if code not in (9, 10)}


def served_locale(asked: str, declared: Sequence[str]) -> str:
    """The locale that a wish is served in: that very one, else its language, else the first declared.

    `es-US` is served in `es`, or else in the first declared locale of that language.
    """
    return _served(asked, tuple(declared))


@lru_cache(maxsize=1024)
def _served(asked: str, declared: tuple[str, ...]) -> str:
    wanted = asked.replace("_", "-").lower()
    language = wanted.partition("-")[0]
    by_name = {locale.lower(): locale for locale in declared}
    by_language = {name.partition("-")[0]: by_name[name] for name in reversed(by_name)}
    return by_name.get(wanted) or by_name.get(language) or by_language.get(language) or declared[0]


def words(locale: str, name: str) -> str:
    """A word of our own, in English where the locale has none."""
    return all_words(locale)[name]


def all_words(locale: str) -> Mapping[str, str]:
    """All words of our own that stand in what is given out, for those who review them."""
    return _WORDS.get(locale.partition("-")[0], _WORDS["en"])


@lru_cache(maxsize=64)
def babel_locale(locale: str) -> Locale:
    """What Babel knows of a locale; of English where it knows nothing."""
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def date_text(day: str, locale: str) -> str:
    """A date (`2026-01-15`) in words of the locale: `January 15, 2026`, `15 de enero de 2026`."""
    return format_date(date.fromisoformat(day), "long", locale=babel_locale(locale))


def shown_in(plan: ReleasePlan, locale: str) -> Show:
    """How values read in a locale: dates in words, choices by label, texts as told but for control characters."""
    facts = plan.journey.facts

    def show(value: Value, told: FactValue) -> str:
        fact = facts[value.fact]
        text = str(told).lower() if isinstance(told, bool) else str(told)
        if fact.kind.kind == "date":
            return date_text(text, locale)
        if value.form == "label" or fact.kind.kind == "boolean":
            labels = fact.labels.get(text, {})
            return labels[served_locale(locale, tuple(labels))] if labels else text
        return text.translate(_CONTROLS)

    return show
