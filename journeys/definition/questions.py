"""The questions that a journey declares, each with the facts that it asks for. It reads declarations only."""

from __future__ import annotations

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
