"""Works out, at each position of a template, which conditions may be true, false or unknown, and which facts are known.

Facts that meet in one condition are enumerated together, by the cells of the conditions; the others are independent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from journeys.content.templates.nodes import Arm, Branch, Node, Repeat, Template, Value, walk
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import NO_WORLD, Compiled, DaysInState, InState, Is, Known, Visits, World, cells_of
from journeys.definition.conditions import Node as Condition
from journeys.definition.conditions import walk as walk_condition
from journeys.definition.facts import FactType
from journeys.primitives.problems import Problem

Truth = bool | None
Question = tuple[Literal["if", "known", "empty"], Condition | str]
#: Whether a condition is true, whether a fact is known, or whether a set is known to be empty.


@dataclass(frozen=True, slots=True)
class Case:
    """One combination of answers to the questions of a component, and a world that leads to them."""

    answers: tuple[Truth, ...]
    world: World


Context = tuple[tuple[Case, ...], ...]
#: For each component, the remaining cases.


class Cases:
    """The cases of a template in a release.

    Raises:
        TooManyCells: when facts that meet have too many combinations.
    """

    def __init__(self, template: Template, plan: ReleasePlan) -> None:
        self.template = template
        self.plan = plan
        self._places: dict[Question, tuple[int, int]] = {}
        questions = list(dict.fromkeys(_questions(template)))
        conditions = {arm.condition.node: arm.condition for arm in _arms(template.body)}
        if template.when is not None:
            conditions[template.when.node] = template.when
        components: list[tuple[Case, ...]] = []
        for number, members in enumerate(_components(questions)):
            for index, question in enumerate(members):
                self._places[question] = number, index
            components.append(tuple(self._cases(members, conditions)))
        self.start: Context = tuple(components)
        if template.when is not None:
            self.start = self.keep(self.start, ("if", template.when.node), (True,))

    # --- what is left --------------------------------------------------------------------------------------

    def answers(self, context: Context, question: Question) -> frozenset[Truth]:
        """The answers that a question may still have."""
        number, index = self._places[question]
        return frozenset(case.answers[index] for case in context[number])

    def keep(self, context: Context, question: Question, accepted: Sequence[Truth]) -> Context:
        """The context that remains if the answer is among the accepted ones."""
        number, index = self._places[question]
        left = tuple(case for case in context[number] if case.answers[index] in accepted)
        return (*context[:number], left, *context[number + 1 :])

    def is_possible(self, context: Context) -> bool:
        """Whether the context has at least one case in each component."""
        return all(context)

    def example(self, context: Context) -> World:
        """An example world of a context."""
        world = replace(NO_WORLD, values={}, visits={}, places=set())
        values: dict[str, object] = {}
        visits: dict[str, int] = {}
        places: set[str] = set()
        for cases in context:
            example = cases[0].world
            values.update(example.values)
            visits.update(example.visits)
            places |= example.places
            world = replace(world, now=example.now, since=example.since or world.since)
        return replace(world, values=values, visits=visits, places=places)

    # --- building ------------------------------------------------------------------------------------------

    def _cases(self, members: Sequence[Question], conditions: Mapping[Condition, Compiled]) -> Iterator[Case]:
        nodes = [_node(question) for question in members]
        tracks = {
            part.path.partition(".")[0] for node in nodes for part in walk_condition(node) if isinstance(part, InState)
        }
        leaves = {track: self.template.leaves[track] for track in sorted(tracks)}
        value_conditions, kinds = _told_values(nodes, self.plan.facts)
        asks = [_ask(question, conditions) for question in members]
        seen: set[tuple[Truth, ...]] = set()
        for world in cells_of([*nodes, *value_conditions], kinds, leaves, unknown=True):
            answers = tuple(ask(world) for ask in asks)
            if answers not in seen:
                seen.add(answers)
                yield Case(answers, world)

    # --- the rules -----------------------------------------------------------------------------------------

    def problems(self) -> list[Problem]:
        """The positions where an unknown condition could reach an `else`, and where a value may be unknown."""
        if not self.is_possible(self.start):
            return []
        return list(self._check(self.template.body, self.start))

    def _check(self, nodes: Iterable[Node], context: Context) -> Iterator[Problem]:
        for node in nodes:
            match node:
                case Value(name, fact) if not node.is_item and not self._is_known(fact, context):
                    yield _unproved(node, name)
                case Repeat():
                    if not self._is_known(node.fact, context):
                        yield _unproved(node, node.fact)
                    yield from self._check(node.body, context)
                case Branch():
                    yield from self._check_branch(node, context)
                case _:
                    pass

    def _is_known(self, fact: str, context: Context) -> bool:
        return self.answers(context, ("known", fact)) <= {True}

    def _check_branch(self, branch: Branch, context: Context) -> Iterator[Problem]:
        for number, arm in enumerate(branch.arms):
            question: Question = ("if", arm.condition.node)
            left = self.answers(context, question)
            is_last = number == len(branch.arms) - 1
            if None in left and not (is_last and branch.otherwise is None):
                yield self._undecided(arm, context, question, "{% else %}" if is_last else "{% elif %}")
            if True in left:
                yield from self._check(arm.body, self.keep(context, question, (True,)))
            elif left:
                message = f"'{arm.condition.text}' is never true here, so its text is never shown."
                yield Problem(arm.place.file, arm.place.line, arm.place.column, "warning", "template", message)
            if False not in left:
                return
            context = self.keep(context, question, (False,))
        yield from self._check(branch.otherwise or (), context)

    def _undecided(self, arm: Arm, context: Context, question: Question, follower: str) -> Problem:
        number, index = self._places[question]
        missing: set[str] = set()
        coarse: set[str] = set()
        for case in context[number]:
            if case.answers[index] is None:
                missing_facts = arm.condition.missing(case.world)
                coarse |= {name for name in missing_facts if name in case.world.values}
                missing |= {name for name in missing_facts if name not in case.world.values}
        reasons = []
        if missing:
            names = _listed(missing)
            guard = " and ".join(f"{name} is known" for name in sorted(missing))
            reasons.append(
                f"{names} may be unknown; put it inside {{% if {guard} %}}, or test it in the piece's 'when'"
            )
        if coarse:
            reasons.append(
                f"{_listed(coarse)} may have a value too coarse to decide it; test the finer values one by one"
            )
        message = (
            f"'{arm.condition.text}' may be unknown here, and an unknown condition takes no arm, so {follower} is not "
            f"accepted: {'; '.join(reasons)}."
        )
        return Problem(arm.place.file, arm.place.line, arm.place.column, "error", "template", message)


def _unproved(node: Value | Repeat, name: str) -> Problem:
    message = (
        f"'{name}' may be unknown here. Put it inside {{% if {name} is known %}} … {{% endif %}}, "
        "or test it in the piece's 'when'."
    )
    return Problem(node.place.file, node.place.line, node.place.column, "error", "template", message)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _arms(nodes: Iterable[Node]) -> Iterator[Arm]:
    for node in walk(nodes):
        if isinstance(node, Branch):
            yield from node.arms


def _questions(template: Template) -> Iterator[Question]:
    if template.when is not None:
        yield "if", template.when.node
    for node in walk(template.body):
        match node:
            case Value(_, fact) if not node.is_item:
                yield "known", fact
            case Repeat(_, fact):
                yield "known", fact
                yield "empty", fact
            case Branch(arms):
                for arm in arms:
                    yield "if", arm.condition.node
            case _:
                pass


def _node(question: Question) -> Condition:
    subject = question[1]
    return Known(subject) if isinstance(subject, str) else subject


def _ask(question: Question, conditions: Mapping[Condition, Compiled]) -> Callable[[World], Truth]:
    kind, subject = question
    if not isinstance(subject, str):
        return conditions[subject].ask
    fact = subject
    if kind == "known":
        return lambda world: fact in world.values
    return lambda world: not world.values.get(fact)


def _variables(question: Question) -> set[str]:
    variables: set[str] = set()
    for part in walk_condition(_node(question)):
        match part:
            case InState(path):
                variables.add("place " + path.partition(".")[0])
            case Visits(path):
                variables.add("visits " + path)
            case DaysInState():
                variables.add("days_in_state")
            case _ if hasattr(part, "fact"):
                variables.add("fact " + part.fact)
            case _:
                pass
    return variables


def _components(questions: Sequence[Question]) -> list[list[Question]]:
    """The questions, grouped by the facts, states and visits that they share."""
    groups: list[tuple[set[str], list[Question]]] = []
    for question in questions:
        variables = _variables(question)
        meeting = [group for group in groups if group[0] & variables]
        groups = [group for group in groups if not (group[0] & variables)]
        members = [*itertools.chain.from_iterable(group[1] for group in meeting), question]
        groups.append((variables.union(*(group[0] for group in meeting)), members))
    return [members for _, members in groups]


def _told_values(
    nodes: Sequence[Condition], facts: Mapping[str, FactType]
) -> tuple[list[Condition], dict[str, FactType]]:
    """Adds coarse values of choices: for each choice, one value for every combination of answers.

    Returns the extra conditions with which `cells_of` distinguishes these values, and the types that list them.
    """
    parts = [part for node in nodes for part in walk_condition(node)]
    kinds = dict(facts)
    extra: list[Condition] = []
    for fact in {part.fact for part in parts if isinstance(part, Is)}:
        kind = facts[fact]
        value_sets = sorted({part.values for part in parts if isinstance(part, Is) and part.fact == fact})
        examples: dict[tuple[Truth, ...], str] = {}
        for value in (*kind.leaves, *kind.values):
            examples.setdefault(tuple(_is(value, values, kind) for values in value_sets), value)
        kinds[fact] = replace(kind, leaves=tuple(examples.values()))
        extra += [Is(fact, (value,)) for value in examples.values()]
    return extra, kinds


def _is(value: str, accepted: Sequence[str], kind: FactType) -> Truth:
    if kind.ancestors[value] & set(accepted):
        return True
    return None if any(value in kind.ancestors[ancestor] for ancestor in accepted) else False


__all__ = ["Case", "Cases", "Context", "Question"]
