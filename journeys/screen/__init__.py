"""What one screen shows a patient, from a told view alone: where they are, what comes, cards, what they may report.

No clock, no addresses, nothing stored: the same view at the same instant gives the same screen.
"""

from journeys.screen.cards import Card, cards
from journeys.screen.coming import Coming, coming
from journeys.screen.reportable import Choice, Field, Reportable, facts_asked, reportable
from journeys.screen.screen import Screen, Where, draw
from journeys.screen.titles import in_locale, title_of, trigger_title

__all__ = [
    "Card",
    "Choice",
    "Coming",
    "Field",
    "Reportable",
    "Screen",
    "Where",
    "cards",
    "coming",
    "draw",
    "facts_asked",
    "in_locale",
    "reportable",
    "title_of",
    "trigger_title",
]
