"""One screen of a patient, drawn from a told view: current states, upcoming events, cards, and possible reports.

It reads no clock and no stored data: the same view at the same instant always gives the same screen.
"""

from journeys.content.screen.cards import Card
from journeys.content.screen.changes import ScreenChanges, changes, texts_in
from journeys.content.screen.questions import QuestionCard, SurveyNote, question_cards
from journeys.content.screen.reportable import (
    Field,
    Reportable,
    correction_form,
    facts_asked,
    form_of_facts,
    own_fields,
    reportable,
    required_form,
)
from journeys.content.screen.screen import Screen, draw
from journeys.content.screen.shared import reportable_by_caregiver, shared_marks, shared_screen
from journeys.content.screen.titles import (
    fact_title,
    in_locale,
    journey_title,
    label_of,
    own_titles,
    title_of,
    trigger_title,
)
from journeys.content.screen.topics import TopicCard

__all__ = [
    "Card",
    "Field",
    "QuestionCard",
    "Reportable",
    "Screen",
    "ScreenChanges",
    "SurveyNote",
    "TopicCard",
    "changes",
    "correction_form",
    "draw",
    "fact_title",
    "facts_asked",
    "form_of_facts",
    "in_locale",
    "journey_title",
    "label_of",
    "own_fields",
    "own_titles",
    "question_cards",
    "reportable",
    "reportable_by_caregiver",
    "required_form",
    "shared_marks",
    "shared_screen",
    "texts_in",
    "title_of",
    "trigger_title",
]
