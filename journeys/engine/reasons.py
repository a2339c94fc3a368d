"""The reasons why an event moves nothing in a track, as histories store them."""

from __future__ import annotations

from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import ANSWERED
from journeys.engine.events import Event

CONDITIONS_FALSE = "its conditions are false"
AFTER_THE_END = "it happened after the end"
NOT_ENROLLED = "there is no enrollment"
WAITS = "it waits for facts"
ON_PURPOSE = "it stays on purpose"
NOTHING_DECLARED = "nothing is declared for it here"
ONLY_ANSWERS = "it only brings answers"
ONLY_MARKS = "it only says something of a piece"
ONLY_MARKS_QUESTION = "it only says something of a question"
ONLY_MARKS_TOPIC = "it only says something of a topic"


def of_mark(event: Event) -> str:
    """The reason why a mark moves nothing."""
    if event.topic is not None:
        return ONLY_MARKS_TOPIC
    return ONLY_MARKS if event.question is None else ONLY_MARKS_QUESTION


def of_undeclared(event: Event, plan: ReleasePlan) -> str:
    """The reason why an event moves nothing where no open state declares its trigger."""
    is_answer = event.type == ANSWERED and event.type not in plan.ranks  # an old release may declare such a trigger
    return ONLY_ANSWERS if is_answer else NOTHING_DECLARED
