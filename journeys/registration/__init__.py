"""Joining a programme by oneself: which fields there are, which step comes next, and which answers are accepted.

Pure decisions belong here; what a programme declares is in `journeys.definition`, and pages, drafts and codes are not.
"""

from journeys.registration.answers import AnswerProblem, ContactChecks, answer_of
from journeys.registration.fields import Consent, JoinField, Offer, fields_of
from journeys.registration.steps import ONE_PAGE, JoinStep, first_open, step_after, steps_of

__all__ = [
    "ONE_PAGE",
    "AnswerProblem",
    "Consent",
    "ContactChecks",
    "JoinField",
    "JoinStep",
    "Offer",
    "answer_of",
    "fields_of",
    "first_open",
    "step_after",
    "steps_of",
]
