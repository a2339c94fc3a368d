"""The triggers that can be reported in the current states, each with the fields of its form.

The form of a trigger has the facts that it requires or resets, and those that decide what it does. The form of
`answered`, which every journey has, asks staff everything, patients and caregivers what questions ask; in a journey
that declares no questions, what the current states and their pieces read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from journeys.content.catalogue import Catalogue
from journeys.content.screen.titles import fact_title, label_of, trigger_title
from journeys.definition.compiler import Candidate, ReleasePlan
from journeys.definition.facts import FactKind, FactType
from journeys.definition.model import ANSWERED, Fact, Journey, Reporter, Trigger
from journeys.engine import State
from journeys.engine.asked import unheard_of

PATIENT: Reporter = "patient"
_ANSWERED = Trigger(ANSWERED)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose; `within` is the next coarser value that includes it, if any."""

    value: str
    label: str
    within: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """A fact to ask for. Limits that its type does not have are None or empty."""

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
    """A trigger that may be reported, its title, and the fields of its form."""

    type: str
    label: str
    fields: tuple[Field, ...]


def reportable(
    catalogue: Catalogue,
    view: State,
    locale: str,
    *,
    by: Reporter = PATIENT,
    to_answer: Collection[str] | None = None,
) -> list[Reportable]:
    """The triggers that a reporter may report and that have an effect now, in document order, ends last.

    Args:
        catalogue: the release and the pieces in force.
        view: the view that the reporter knows.
        locale: a declared locale.
        by: the reporter.
        to_answer: the facts that questions ask patients now; None in a journey that declares no questions.
    """
    plan = catalogue.plan
    triggers = [_form(plan, view, trigger, locale, by) for trigger in plan.journey.triggers.values()]
    ends = [_form(plan, view, trigger, locale, by) for trigger in plan.journey.ends.values()]
    forms = (*triggers, _form_of_answers(catalogue, view, locale, by, to_answer), *ends)
    return [form for form in forms if form is not None]


def _form(plan: ReleasePlan, view: State, trigger: Trigger, locale: str, by: Reporter) -> Reportable | None:
    """The form of a trigger; None where the reporter may not report it, or it has no effect now."""
    if by not in trigger.by:
        return None
    candidates = list(_declared_here(plan, view, trigger.name))
    decisive = {
        name for candidate in candidates if candidate.condition is not None for name in candidate.condition.facts
    }
    facts = facts_asked(plan.journey, trigger, read=decisive, by=by)
    if not (candidates or trigger.name in plan.ends or (facts and _only_tells(plan, trigger))):
        return None
    return Reportable(trigger.name, trigger_title(plan, trigger.name, locale), tuple(_fields(plan, facts, locale)))


def _form_of_answers(
    catalogue: Catalogue, view: State, locale: str, by: Reporter, to_answer: Collection[str] | None
) -> Reportable | None:
    """The form of `answered`; None where the reporter has nothing to tell, or the release declares such a trigger."""
    plan = catalogue.plan
    if ANSWERED in plan.ranks:
        return None
    unheard = unheard_of(plan, view.heard_of) if by != "staff" else ()
    read: Collection[str] = plan.journey.facts
    if by != "staff":
        read = dict.fromkeys(_read_here(catalogue, view)) if to_answer is None else to_answer
    facts = facts_asked(plan.journey, _ANSWERED, read=[name for name in read if name not in unheard], by=by)
    if not facts:
        return None
    return Reportable(ANSWERED, trigger_title(plan, ANSWERED, locale), tuple(_fields(plan, facts, locale)))


def required_form(plan: ReleasePlan, trigger: str, locale: str, *, by: Reporter) -> Reportable:
    """The form of a trigger with the facts that it requires and no others, wherever the patient is."""
    facts = facts_asked(plan.journey, plan.journey.triggers[trigger], by=by)
    required = {name: is_required for name, is_required in facts.items() if is_required}
    return Reportable(trigger, trigger_title(plan, trigger, locale), tuple(_fields(plan, required, locale)))


def correction_form(
    plan: ReleasePlan, trigger: str, facts: Collection[str], locale: str, *, by: Reporter
) -> Reportable | None:
    """The form that corrects an event: its facts, those that its trigger requires or resets, and those that decide.

    None where the reporter may not report the trigger, or a fact of the event.
    """
    declared = plan.journey.triggers.get(trigger) or plan.journey.ends.get(trigger)
    if declared is None and trigger == ANSWERED:
        declared = _ANSWERED
    if declared is None or by not in declared.by:
        return None
    decisive = {
        name
        for track in plan.tracks.values()
        for (_, heard), candidates in track.handlers.items()
        if heard == trigger
        for candidate in candidates
        if candidate.condition is not None
        for name in candidate.condition.facts
    }
    asked = facts_asked(plan.journey, declared, read={*facts, *decisive}, by=by)
    if not asked.keys() >= set(facts):
        return None
    return Reportable(trigger, trigger_title(plan, trigger, locale), tuple(_fields(plan, asked, locale)))


def form_of_facts(plan: ReleasePlan, name: str, label: str, facts: Iterable[str], locale: str) -> Reportable:
    """A form of its own label with some facts of the journey, in their order; none is required."""
    fields = {field.name: field for field in _fields(plan, dict.fromkeys(plan.journey.facts, False), locale)}
    return Reportable(name, label, tuple(fields[fact] for fact in facts))


def own_fields(plan: ReleasePlan, measures: Iterable[Fact], locale: str) -> tuple[Field, ...]:
    """The fields of questions whose answers the journey does not know."""
    return tuple(_field(plan, measure, False, None, locale) for measure in measures)


def facts_asked(
    journey: Journey, trigger: Trigger, *, read: Collection[str] = (), by: Reporter = PATIENT
) -> dict[str, bool]:
    """The facts that a form asks with a trigger, and whether each is required; groups are never split.

    An end waits for nothing, so none of its facts is required.

    Args:
        journey: the journey that declares them.
        trigger: the reported trigger.
        read: the facts to ask in addition to those that the trigger requires or resets.
        by: the reporter; facts that they may not report are left out.
    """
    required = dict.fromkeys((*read, *(text.text for text in (*trigger.requires, *trigger.resets))), False)
    required |= dict.fromkeys((text.text for text in trigger.requires), trigger.name not in journey.ends)
    required = {name: flag for name, flag in required.items() if name in journey.facts}
    for members in journey.groups.values():
        names = [member.text for member in members if member.text in journey.facts]
        is_required = [required[name] for name in names if name in required]
        if is_required and all(by in journey.facts[name].by for name in names):
            required |= dict.fromkeys(names, any(is_required))
        else:  # a group is reported as a unit, so a reporter must be allowed to report all of it
            required = {name: flag for name, flag in required.items() if name not in names}
    return {name: flag for name, flag in required.items() if by in journey.facts[name].by}


def _only_tells(plan: ReleasePlan, trigger: Trigger) -> bool:
    is_heard = any(trigger.name in track.triggers for track in plan.tracks.values())
    return not is_heard and trigger.name not in plan.ends


def _declared_here(plan: ReleasePlan, view: State, trigger: str) -> Iterator[Candidate]:
    for track in plan.tracks.values():
        for stay in view.tracks.get(track.name, ()):
            yield from track.handlers.get((stay.state, trigger), ())


def _read_here(catalogue: Catalogue, view: State) -> Iterator[str]:
    """The facts that the current states read in transitions and timers, and those that their pieces read."""
    open_states = set()
    for track in catalogue.plan.tracks.values():
        for stay in view.tracks.get(track.name, ()):
            open_states.add(f"{track.name}.{stay.state}")
            for (state, _), candidates in track.handlers.items():
                if state == stay.state:
                    yield from (
                        name for candidate in candidates if candidate.condition for name in candidate.condition.facts
                    )
            for timer in track.states[stay.state].timers:
                yield from timer.when.facts if timer.when is not None else ()
                yield from (timer.start,) if timer.start is not None else ()
    for piece in catalogue.pieces.values():
        if open_states.intersection(piece.states):
            yield from piece.when.facts if piece.when is not None else ()
            for text in piece.texts.values():
                yield from text.body.facts


def _fields(plan: ReleasePlan, facts: Mapping[str, bool], locale: str) -> Iterator[Field]:
    groups = {member.text: group for group, members in plan.journey.groups.items() for member in members}
    for fact in plan.journey.facts.values():
        if fact.name in facts:
            yield _field(plan, fact, facts[fact.name], groups.get(fact.name), locale)


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
    """The next coarser value: of all coarser values, the one with the most coarser values of its own."""
    above = kind.ancestors.get(value, frozenset()) - {value}
    return max(above, key=lambda coarser: len(kind.ancestors[coarser]), default=None)
