"""What one screen shows a patient, from a told view alone: where they are, what comes, cards, what they may report.

No clock, no addresses, nothing stored: the same view at the same instant gives the same screen.
"""

from journeys.content.screen.cards import Card
from journeys.content.screen.reportable import Field, Reportable, facts_asked, reportable
from journeys.content.screen.screen import Screen, draw
from journeys.content.screen.titles import (
    fact_title,
    in_locale,
    journey_title,
    label_of,
    own_titles,
    title_of,
    trigger_title,
)

__all__ = [
    "Card",
    "Field",
    "Reportable",
    "Screen",
    "draw",
    "fact_title",
    "facts_asked",
    "in_locale",
    "journey_title",
    "label_of",
    "own_titles",
    "reportable",
    "title_of",
    "trigger_title",
]
