"""What of a screen a patient shares with a caregiver. The pieces on it were chosen from the shared catalogue before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from journeys.content.catalogue import Catalogue, facts_reported, shared_facts
from journeys.content.screen.cards import Marks
from journeys.content.screen.reportable import Reportable, reportable
from journeys.content.screen.screen import Screen
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import ANSWERED
from journeys.engine import State
from journeys.permission.caregivers import CaregiverGrants


def reportable_by_caregiver(
    catalogue: Catalogue, view: State, locale: str, grants: CaregiverGrants, to_answer: Collection[str] | None = None
) -> Sequence[Reportable]:
    """What a caregiver can report in a view, with the fields that they may fill in; see `reportable`."""
    forms = reportable(catalogue, view, locale, by="family", to_answer=to_answer)
    return [_with_own_fields(catalogue, form, grants) for form in forms if form.type in grants.may]


def shared_marks(marks: Marks) -> Marks:
    """The patient's marks without what the patient read: what the patient dismissed, the caregiver does not see."""
    return {
        piece: {kind: at for kind, at in of_piece.items() if kind == "dismissed"} for piece, of_piece in marks.items()
    }


def shared_screen(screen: Screen, plan: ReleasePlan, grants: CaregiverGrants) -> Screen:
    """The screen with the questions that the caregiver may answer, without surveys, topics and what was declined.

    Where the course is not shared, it is also without states and days to come, and without what names them.
    """
    facts = shared_facts(plan, grants) if ANSWERED in grants.may else frozenset()
    questions = tuple(
        card
        for card in screen.questions
        if card.survey is None and facts.issuperset(field.name for field in card.fields)
    )
    screen = replace(screen, questions=questions, declined=(), topics=())
    if grants.sees_course:
        return screen
    return replace(
        screen,
        where={},
        next=tuple(coming for coming in screen.next if coming.kind == "reminder"),
        cards=tuple(replace(card, why="") for card in screen.cards),
    )


def _with_own_fields(catalogue: Catalogue, form: Reportable, grants: CaregiverGrants) -> Reportable:
    own = facts_reported(catalogue.plan, grants, form.type)
    return replace(form, fields=tuple(field for field in form.fields if field.name in own))
