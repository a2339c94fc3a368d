"""The pieces of a catalogue, and the facts of a journey, that a patient shares with a caregiver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from journeys.content.catalogue.catalogue import Catalogue
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import ANSWERED, Journey, Reporter
from journeys.definition.questions import declared_questions
from journeys.permission.caregivers import CaregiverGrants

FAMILY: Reporter = "family"


def shared_catalogue(catalogue: Catalogue, grants: CaregiverGrants) -> Catalogue:
    """The catalogue with the pages that a caregiver sees; message texts, which nobody is shown, are in it too."""
    pieces = {key: piece for key, piece in catalogue.pieces.items() if piece.kind != "page" or grants.shares(piece)}
    return replace(catalogue, pieces=pieces)


def triggers_of_family(plan: ReleasePlan) -> list[str]:
    """What caregivers may report where the patient lets them: triggers and ends with `family` in `by`, and answers."""
    declared = (*plan.journey.triggers.values(), *plan.journey.ends.values())
    names = [trigger.name for trigger in declared if FAMILY in trigger.by]
    return names if ANSWERED in plan.ranks else [*names, ANSWERED]


def facts_reported(plan: ReleasePlan, grants: CaregiverGrants, trigger: str) -> frozenset[str]:
    """The facts that a caregiver may report with a trigger: with `answered` among the grants every fact of the family.

    Else those that the trigger requires or resets, those that decide where it leads, and the rest of their groups.
    """
    facts = set(plan.journey.facts)
    if ANSWERED not in grants.may:
        facts = _in_groups(plan, {*_needed_by(plan, trigger), *_deciding(plan, trigger)})
    return _of_family(plan, facts)


def shared_facts(plan: ReleasePlan, grants: CaregiverGrants) -> frozenset[str]:
    """The facts whose values a caregiver sees: with `answered` among the grants every fact that the family may report.

    Else those that the triggers which they may report require or reset. The facts of a sensitive question never.
    """
    facts = set(plan.journey.facts)
    if ANSWERED not in grants.may:
        facts = _in_groups(plan, {name for trigger in grants.may for name in _needed_by(plan, trigger)})
    return _of_family(plan, facts) - sensitive_facts(plan.journey)


def sensitive_facts(journey: Journey) -> frozenset[str]:
    """The facts that answer a question which is declared `sensitive`."""
    return frozenset(
        name for question in declared_questions(journey) if question.ask.sensitive for name in question.facts
    )


def _of_family(plan: ReleasePlan, facts: set[str]) -> frozenset[str]:
    declared = plan.journey.facts
    return frozenset(name for name in facts if name in declared and FAMILY in declared[name].by)


def _in_groups(plan: ReleasePlan, facts: set[str]) -> set[str]:
    """Facts with the rest of their groups, which are reported as a unit."""
    groups = [{member.text for member in members} for members in plan.journey.groups.values()]
    return facts.union(*(group for group in groups if not group.isdisjoint(facts)))


def _needed_by(plan: ReleasePlan, trigger: str) -> Iterator[str]:
    declared = plan.journey.triggers.get(trigger) or plan.journey.ends.get(trigger)
    if declared is not None:
        yield from (text.text for text in (*declared.requires, *declared.resets))


def _deciding(plan: ReleasePlan, trigger: str) -> Iterator[str]:
    for track in plan.tracks.values():
        for (_, heard), candidates in track.handlers.items():
            for candidate in candidates if heard == trigger else ():
                yield from candidate.condition.facts if candidate.condition is not None else ()
