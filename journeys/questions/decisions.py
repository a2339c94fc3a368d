"""The decisions of a release that read facts, each with the conditions that it reads and what follows from them.

A decision is a waiting event, a part of a piece, a timer, or a trigger in a leaf state. Its consequence is where it
leads, what is sent, and the text shown. A transition into a held state has no consequence that may be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from journeys.content.catalogue import Piece
from journeys.content.templates import nodes as parts
from journeys.content.templates import taken_arm
from journeys.definition.compiler import Candidate, StatePlan, TimerPlan
from journeys.definition.conditions import Known, Node, World, facts_read
from journeys.engine.machine import NO_FACTS, Cursor

DecisionKind = Literal["waiting event", "piece", "timer", "transition"]


class DecisionName(NamedTuple):
    """The name of a decision: what kind it is, the trigger, piece or timer, and the full path of its state.

    `state` is empty for a piece. For a waiting event it is the state in which the event waits, for a transition the
    leaf from which it starts.
    """

    kind: DecisionKind
    name: str
    state: str = ""


class Consequence(NamedTuple):
    """The consequence of a decision: what happens (None: nothing that may be shown), and the facts whose value is
    shown or counted from.
    """

    happens: Hashable = None
    values: frozenset[str] = NO_FACTS


NOTHING = Consequence()
_Applies = Callable[[World, Sequence[datetime]], bool]
_Follows = Callable[[World, Sequence[datetime]], Consequence]
#: In a world; the instants are the beginnings of the stays of a decision's track, outermost first.


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A decision that reads facts.

    Attributes:
        subject: its name.
        conditions: the conditions that it reads.
        facts: the facts that it reads, shows or counts from.
        consequence: what follows in a world.
        required: the facts that its event brings in any case.
        reset: the facts that its event makes unknown if it does not bring them.
        topic: the topic of the piece that it shows or sends; without a piece None.
    """

    subject: DecisionName
    conditions: tuple[Node, ...]
    facts: frozenset[str]
    consequence: _Follows
    required: frozenset[str] = NO_FACTS
    reset: frozenset[str] = NO_FACTS
    topic: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it is an event that waits, for which an answer differs from no answer."""
        return self.subject.kind == "waiting event"


def _decision(
    subject: DecisionName,
    conditions: Iterable[Node],
    consequence: Callable[[World, Sequence[datetime]], Consequence],
    *,
    values: Iterable[str] = (),
    required: frozenset[str] = NO_FACTS,
    reset: frozenset[str] = NO_FACTS,
    topic: str | None = None,
) -> Decision:
    """A decision; of facts that it shows or counts from, it also matters whether they are known."""
    read = tuple(dict.fromkeys((*conditions, *map(Known, values))))
    facts = NO_FACTS.union(*map(facts_read, read))
    return Decision(subject, read, facts, consequence, required, reset, topic)


# --- pieces ----------------------------------------------------------------------------------------------------


def decisions_of_piece(piece: Piece) -> Iterator[Decision]:
    """Whether a piece is shown, and each part of its texts that depends on facts."""
    subject = DecisionName("piece", piece.key)

    def applies(world: World, since: Sequence[datetime]) -> bool:
        world.since = since[-1] if since else None
        return piece.when is None or piece.when.ask(world) is True

    conditions = [piece.when.node] if piece.when is not None else []
    if conditions:
        yield _decision(subject, conditions, _shown(applies, ()), topic=piece.topic)
    yield from _parts(subject, piece, applies, conditions)


def _parts(
    subject: DecisionName, piece: Piece, applies: _Applies, conditions: Sequence[Node], counted: Sequence[str] = ()
) -> Iterator[Decision]:
    """Each part of a piece that depends on facts; parts of two languages that depend on them alike are one decision."""
    by_shape: dict[Hashable, parts.Node] = {}
    for node in [node for text in piece.texts.values() for node in text.body.body]:
        if isinstance(node, parts.Branch | parts.Value | parts.Repeat):
            by_shape.setdefault(_shape(node), node)
    for node in by_shape.values():
        read = [*conditions, *_conditions((node,))]
        values = (*counted, *_values((node,)))
        yield _decision(subject, read, _shown(applies, (node,)), values=values, topic=piece.topic)


def _shown(applies: _Applies, part: tuple[parts.Node, ...]) -> _Follows:
    def consequence(world: World, since: Sequence[datetime]) -> Consequence:
        if not applies(world, since):
            return NOTHING
        words: list[str] = []
        values: set[str] = set()
        _draw(part, world, words, values)
        return Consequence(("shown", *words), frozenset(values))

    return consequence


def _draw(nodes: Iterable[parts.Node], world: World, words: list[str], values: set[str]) -> None:
    for node in nodes:
        match node:
            case parts.Words(text):
                words.append(text)
            case parts.Branch():
                _draw(taken_arm(node, world), world, words, values)
            case parts.Repeat():
                values.add(node.fact)
                _draw(node.body, world, words, values)
            case parts.Value():
                words.append(node.placeholder)
                if not node.is_item:
                    values.add(node.fact)
            case _:
                words.append(node.placeholder)


def _conditions(nodes: Iterable[parts.Node]) -> Iterator[Node]:
    for node in parts.walk(nodes):
        if isinstance(node, parts.Branch):
            yield from (arm.condition.node for arm in node.arms)


def _values(nodes: Iterable[parts.Node]) -> Iterator[str]:
    for node in parts.walk(nodes):
        if isinstance(node, parts.Repeat) or (isinstance(node, parts.Value) and not node.is_item):
            yield node.fact


def _shape(node: parts.Node) -> Hashable:
    """How a part of a text depends on facts, without its words."""
    match node:
        case parts.Branch(arms, otherwise):
            inner = tuple((arm.condition.node, tuple(map(_shape, arm.body))) for arm in arms)
            return inner, tuple(map(_shape, otherwise or ()))
        case parts.Repeat():
            return node.fact, tuple(map(_shape, node.body))
        case parts.Value():
            return node.fact
        case _:
            return None


# --- timers ----------------------------------------------------------------------------------------------------


def decisions_of_timer(
    state: StatePlan, timer: TimerPlan, target: Candidate | None, piece: Piece | None
) -> Iterator[Decision]:
    """Whether a timer takes effect and from which date it counts, and each part of the text that it sends.

    Args:
        state: the state of the timer.
        timer: the timer.
        target: the transition that it takes, if any.
        piece: the reminder that it sends, if any.
    """
    subject = DecisionName("timer", timer.name, state.full)
    when_sent = piece.when if piece is not None and target is None else None

    def applies(world: World, since: Sequence[datetime]) -> bool:
        world.since = since[-1] if since else None
        is_armed = timer.start is None or _is_told(world, timer.start)
        return is_armed and all(when.ask(world) is True for when in (timer.when, when_sent) if when is not None)

    def acts(world: World, since: Sequence[datetime]) -> Consequence:
        happens: Hashable = None
        if applies(world, since):
            happens = _leads_to(target) if target is not None else timer.task is not None or piece is not None or None
        return Consequence(happens, frozenset(counted) if happens is not None else NO_FACTS)

    counted = (timer.start,) if timer.start is not None else ()
    conditions = [condition.node for condition in (timer.when, when_sent) if condition is not None]
    topic = piece.topic if piece is not None and target is None else None
    yield _decision(subject, conditions, acts, values=counted, topic=topic)
    if piece is not None and target is None:
        yield from _parts(subject, piece, applies, conditions, counted)


def _is_told(world: World, fact: str) -> bool:
    return isinstance(world.values.get(fact), str)


# --- transitions -----------------------------------------------------------------------------------------------


def decision_of_transition(
    subject: DecisionName,
    candidates: Sequence[Candidate],
    *,
    required: frozenset[str] = NO_FACTS,
    reset: frozenset[str] = NO_FACTS,
    waits: bool = True,
) -> Decision:
    """Where an event leads from a leaf, or, where the subject is a waiting event, from the state in which it waits.

    Args:
        subject: the name of the decision.
        candidates: the transitions as the engine asks them: innermost state first.
        required: the facts without which the event waits.
        reset: the facts that the event makes unknown if it does not bring them.
        waits: whether an unknown condition makes the event wait; the entry of a state in another track does not.
    """
    deepest = max((candidate.depth for candidate in candidates), default=0)

    def consequence(world: World, since: Sequence[datetime]) -> Consequence:
        unknown = required - world.values.keys() if subject.kind == "waiting event" else NO_FACTS
        known_since = [*since, *[world.now] * (deepest - len(since))]
        cursor = Cursor(subject.state, world, known_since, deepest, waits=waits, required=unknown)
        for candidate in candidates:
            if cursor.offer(candidate):
                return Consequence(_leads_to(candidate))
        return NOTHING

    conditions = [candidate.condition.node for candidate in candidates if candidate.condition is not None]
    if subject.kind == "waiting event":  # it has happened: what it requires is what it waits for
        return _decision(subject, conditions, consequence, values=required)
    return _decision(subject, conditions, consequence, required=required, reset=reset - required)


def _leads_to(candidate: Candidate) -> Hashable:
    """Where a transition leads, or None where the patient may not see that: it stays, or enters a held state."""
    if candidate.enters is None or any(state.hold is not None for state in candidate.enters):
        return None
    return candidate.enters[-1].full, candidate.keeps
