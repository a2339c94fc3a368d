"""Writes values in a locale, and returns the service's own texts. Babel is loaded with the first value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from journeys.content.templates import Value
from journeys.content.templates.fill import Show
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value as FactValue
from journeys.primitives.locales import served_locale
from journeys.primitives.messages import package_translations

if TYPE_CHECKING:
    from babel import Locale

_TEXTS = package_translations("journeys", "rendering")
_CONTROLS = {code: None for code in (*range(32), 127, *range(128, 160)) if code not in (9, 10)}


def own_text(locale: str, key: str) -> str:
    """One of the service's own texts, or its English form if the locale has none."""
    return _TEXTS.for_locale(locale)[key]


def own_texts(locale: str) -> Mapping[str, str]:
    """The service's own texts that patients are sent, by key; reviewers read them too."""
    return _TEXTS.for_locale(locale)


def babel_locale(locale: str) -> Locale:
    """Babel's data of a locale, cut from the right until Babel knows it, or of English if it never does."""
    from babel import Locale, UnknownLocaleError

    parts = locale.split("-")
    for end in range(len(parts), 0, -1):
        try:
            return Locale.parse("-".join(parts[:end]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def date_text(day: str, locale: str, babel: Callable[[str], Locale] = babel_locale) -> str:
    """A date (`2026-01-15`) in words of the locale: `January 15, 2026`, `15 de enero de 2026`."""
    from babel.dates import format_date

    return format_date(date.fromisoformat(day), "long", locale=babel(locale))


def unit_text(count: int, unit: str, locale: str) -> str:
    """A number of a unit of time (`year`, `month`, `week`, `day`, `hour`, `minute`, `second`) in words of the locale.

    CLDR omits the long form if it equals the short form, and Babel does not fall back to the short form by itself.
    """
    from babel.units import format_unit

    babel = babel_locale(locale)
    text = format_unit(count, f"duration-{unit}", "long", locale=babel)
    if "duration-" not in text:
        return text
    return format_unit(count, f"duration-{unit}", "short", locale=babel)


def shown_in(plan: ReleasePlan, locale: str, babel: Callable[[str], Locale] = babel_locale) -> Show:
    """A function that writes values in a locale: dates in words, choices by label, texts without control codes."""
    facts = plan.journey.facts

    def show(value: Value, fact_value: FactValue) -> str:
        fact = facts[value.fact]
        text = str(fact_value).lower() if isinstance(fact_value, bool) else str(fact_value)
        if fact.kind.kind == "date":
            return date_text(text, locale, babel)
        if value.form == "label" or fact.kind.kind == "boolean":
            labels = fact.labels.get(text, {})
            return labels[served_locale(locale, tuple(labels))] if labels else text
        return text.translate(_CONTROLS)

    return show
