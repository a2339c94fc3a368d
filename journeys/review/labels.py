"""The labels of reviewers' pages by language. It holds no words of a journey or a piece."""

from __future__ import annotations

from journeys.primitives.messages import Messages, package_translations

LABELS = package_translations("journeys", "review")


def labels_of(locale: str) -> Messages:
    """The labels of a locale by key, or the English labels if its language has none."""
    return LABELS.for_locale(locale)
