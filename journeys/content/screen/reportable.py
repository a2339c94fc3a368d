"""What may be reported from where a patient is, with the fields of a form for each: by the patient, or by others.

A patient is asked only for what changes something here: what is required, and what the open states and their pieces
read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from journeys.content.catalogue import Catalogue, View
from journeys.content.screen.titles import fact_title, label_of, trigger_title
from journeys.definition.compiler import Candidate, ReleasePlan
from journeys.definition.facts import FactKind, FactType
from journeys.definition.model import Fact, Journey, Reporter, Trigger

PATIENT: Reporter = "patient"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose; `within` is the coarser value it lies in, if any."""

    value: str
    label: str
    within: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """A fact to ask for. What does not belong to its type is None, or empty."""

    name: str
    label: str
    kind: FactKind
    required: bool
    choices: tuple[Choice, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Reportable:
    """A trigger that may be reported, its title, and what to ask for."""

    type: str
    label: str
    fields: tuple[Field, ...]


def reportable(catalogue: Catalogue, view: View, locale: str, *, by: Reporter = PATIENT) -> list[Reportable]:
    """What a reporter may report that has a meaning here, in the order of the definition, ends last."""
    plan, found = catalogue.plan, []
    read_here = set(_read_here(catalogue, view)) if by == PATIENT else set(plan.journey.facts)
    for trigger in (*plan.journey.triggers.values(), *plan.journey.ends.values()):
        if by not in trigger.by:
            continue
        candidates = list(_declared_here(plan, view, trigger.name))
        only_tells = _only_tells(plan, trigger)
        decisive = {name for one in candidates if one.condition is not None for name in one.condition.facts}
        asked = facts_asked(plan.journey, trigger, read=read_here if only_tells else decisive, by=by)
        if candidates or trigger.name in plan.ends or (only_tells and asked):
            fields = tuple(_fields(plan, asked, locale))
            found.append(Reportable(trigger.name, trigger_title(plan, trigger.name, locale), fields))
    return found


def facts_asked(
    journey: Journey, trigger: Trigger, *, read: Collection[str] = (), by: Reporter = PATIENT
) -> dict[str, bool]:
    """The facts to ask a reporter for with a trigger, groups whole, each with whether it is required.

    Args:
        journey: which declares them.
        trigger: what is reported.
        read: the facts to ask for beside those that it requires.
        by: who is asked; what they may not tell is left out.
    """
    wanted = dict.fromkeys(read, False)
    wanted |= dict.fromkeys((text.text for text in trigger.requires), True)
    found = {name: need for name, need in wanted.items() if name in journey.facts}
    for members in journey.groups.values():
        names = [member.text for member in members if member.text in journey.facts]
        needs = [found[name] for name in names if name in found]
        if needs and all(by in journey.facts[name].by for name in names):
            found |= dict.fromkeys(names, any(needs))
        else:  # told whole or refused, so by nobody who may not tell all of it
            found = {name: need for name, need in found.items() if name not in names}
    return {name: need for name, need in found.items() if by in journey.facts[name].by}


def _only_tells(plan: ReleasePlan, trigger: Trigger) -> bool:
    is_heard = any(trigger.name in track.triggers for track in plan.tracks.values())
    return not is_heard and trigger.name not in plan.ends


def _declared_here(plan: ReleasePlan, view: View, trigger: str) -> Iterator[Candidate]:
    for track in plan.tracks.values():
        for stay in view.tracks.get(track.name, ()):
            yield from track.handlers.get((stay.state, trigger), ())


def _read_here(catalogue: Catalogue, view: View) -> Iterator[str]:
    """The facts that the open states read, in their transitions and timers, and the pieces shown in them."""
    open_states = set()
    for track in catalogue.plan.tracks.values():
        for stay in view.tracks.get(track.name, ()):
            open_states.add(f"{track.name}.{stay.state}")
            for (state, _), candidates in track.handlers.items():
                if state == stay.state:
                    yield from (name for one in candidates if one.condition for name in one.condition.facts)
            for timer in track.states[stay.state].timers:
                yield from timer.when.facts if timer.when is not None else ()
                yield from (timer.start,) if timer.start is not None else ()
    for piece in catalogue.pieces.values():
        if open_states.intersection(piece.states):
            yield from piece.when.facts if piece.when is not None else ()
            for text in piece.texts.values():
                yield from text.body.facts


def _fields(plan: ReleasePlan, asked: Mapping[str, bool], locale: str) -> Iterator[Field]:
    groups = {member.text: group for group, members in plan.journey.groups.items() for member in members}
    for fact in plan.journey.facts.values():
        if fact.name in asked:
            yield _field(plan, fact, asked[fact.name], groups.get(fact.name), locale)


def _field(plan: ReleasePlan, fact: Fact, required: bool, group: str | None, locale: str) -> Field:
    kind = fact.kind
    return Field(
        name=fact.name,
        label=fact_title(plan, fact, locale),
        kind=kind.kind,
        required=required,
        choices=tuple(
            Choice(value, label_of(plan, fact, value, locale), _within(kind, value)) for value in kind.values
        ),
        minimum=kind.minimum,
        maximum=kind.maximum,
        max_length=kind.max_length if kind.kind == "text" else None,
        group=group,
    )


def _within(kind: FactType, value: str) -> str | None:
    """The next coarser value: of those above it, the one that has most above itself."""
    above = kind.ancestors.get(value, frozenset()) - {value}
    return max(above, key=lambda one: len(kind.ancestors[one]), default=None)
