"""The questions of a journey by name, each with its facts: those that are declared, and all that may be asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from journeys.definition.model import Ask, Journey


@dataclass(frozen=True, slots=True)
class DeclaredQuestion:
    """A fact outside groups, or a whole group, that has an `ask`; it has the name of the fact or of the group."""

    name: str
    ask: Ask
    facts: tuple[str, ...]


def declared_questions(journey: Journey) -> tuple[DeclaredQuestion, ...]:
    """The questions of a journey in the order of its facts; a group counts from its first fact.

    Facts that are not declared are left out. A fact of a group has no question of its own; lint refuses one.
    """
    members = {name: tuple(text.text for text in texts) for name, texts in journey.groups.items()}
    in_groups = {fact for facts in members.values() for fact in facts}
    questions = [
        DeclaredQuestion(fact.name, fact.ask, (fact.name,))
        for fact in journey.facts.values()
        if fact.ask is not None and fact.name not in in_groups
    ]
    questions += [
        DeclaredQuestion(name, ask, tuple(fact for fact in members[name] if fact in journey.facts))
        for name, ask in journey.group_asks.items()
    ]
    order = {fact: position for position, fact in enumerate(journey.facts)}
    return tuple(sorted(questions, key=lambda asked: min((order[fact] for fact in asked.facts), default=len(order))))


def question_of(journey: Journey, fact: str) -> str:
    """The name of the question that asks a fact: its group, or the fact itself."""
    groups = (group for group, members in journey.groups.items() if any(member.text == fact for member in members))
    return next(groups, fact)


def facts_by_question(journey: Journey) -> Mapping[str, Collection[str]]:
    """The facts of each question by its name, asked or not: the groups, the facts outside groups, the surveys."""
    groups = {group: [member.text for member in members] for group, members in journey.groups.items()}
    grouped_facts = {fact for facts in groups.values() for fact in facts}
    surveys = {key: [fact.text for fact in survey.facts] for key, survey in journey.surveys.items()}
    return surveys | groups | {fact: [fact] for fact in journey.facts if fact not in grouped_facts}
