"""Explaining the states and the content of an enrollment: the log folded again, with every condition evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from journeys.content.catalogue import explain
from journeys.content.screen import trigger_title
from journeys.definition.facts import wire_value
from journeys.engine import Event, Move, Result
from journeys.engine.machine import Asked as Question
from service.access.caller import Caller
from service.enrollments.answers import CallerView
from service.enrollments.content import ContentOptions
from service.enrollments.read import view_now
from service.enrollments.shared import shared_reason, shared_trace
from service.enrollments.trace import trace_of
from service.enrollments.views import TrackState, states_of
from service.platform.pages import cut_page
from service.publishing.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedCondition:
    """A condition that was evaluated, its truth (None: unknown), and the values that it saw."""

    state: str
    when: str
    truth: bool | None
    saw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationStep:
    """An event or a timer that was applied, and the conditions that were evaluated; `at` is a day or a time, as text.

    `title` and `by` are those of an event; `reporter` and `facts` are for staff. None: the step does not have the part.
    """

    kind: str
    item: str
    type: str
    at: str
    outcome: str
    by_track: Mapping[str, str]
    transitions: Sequence[Move]
    waiting_for: Sequence[str]
    why: Mapping[str, str]
    conditions: Sequence[EvaluatedCondition]
    title: str | None = None
    by: str | None = None
    reporter: str | None = None
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceReason:
    """Why a piece is shown or not: the facts that its condition misses, and the values that it saw."""

    key: str
    version: int
    shown: bool
    why: str
    missing: Sequence[str]
    saw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationAnswer:
    """Why an enrollment is in its states, step by step, and why pieces are shown or not.

    `next` is the cursor of the page with the next steps (None: this is the last page).
    """

    id: str
    state: Mapping[str, TrackState]
    steps: Sequence[ExplanationStep]
    content: Sequence[PieceReason]
    next: str | None


def read_explanation(
    service: Service,
    caller: Caller,
    enrollment: str,
    options: ContentOptions,
    *,
    after: int = 0,
    count: int | None = None,
) -> ExplanationAnswer:
    """The events and conditions that led to the current states, and the reasons why pieces are shown.

    Staff also get the reasons of pieces that are not shown, patients those of pieces that a topic hides. Others than
    staff get the steps behind the told view. A page begins after a number of steps and has at most `count` (None: all
    of them); states and pieces are in every page.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        seen = view_now(service, connection, caller, enrollment, options)
        trace = trace_of(service, connection, seen, conditions=True)
    plan = seen.servable.catalogue.plan
    trace = shared_trace(trace, plan, caller)
    results = trace.results[after:]
    page = cut_page(results, len(results) if count is None else count, lambda _: f"0.{after + (count or 0)}")
    return ExplanationAnswer(
        id=enrollment,
        state=states_of(seen.view, plan, seen.chosen.locale),
        steps=[_step(result, trace.events, seen, caller) for result in page.items],
        content=_reasons(seen, caller),
        next=page.next,
    )


def _step(result: Result, events: Mapping[str, Event], seen: CallerView, caller: Caller) -> ExplanationStep:
    step = ExplanationStep(
        kind="timer" if result.is_timer else "event",
        item=result.key,
        type=result.type,
        at=result.at_text,
        outcome=result.outcome,
        by_track=dict(result.by_track),
        transitions=result.transitions,
        waiting_for=result.waiting_for,
        why=dict(result.why),
        conditions=[_condition(question) for question in result.questions],
    )
    event = events.get(result.key)
    if event is None:
        return step
    title = trigger_title(seen.servable.catalogue.plan, result.type, seen.chosen.locale)
    step = replace(step, title=title, by=event.by)
    return replace(step, reporter=event.reporter, facts=_wire_values(event.facts)) if caller.sees_truth else step


def _condition(question: Question) -> EvaluatedCondition:
    return EvaluatedCondition(
        state=question.state, when=question.when, truth=question.truth, saw=_wire_values(question.saw)
    )


def _wire_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: wire_value(value) for name, value in values.items()}


def _reasons(seen: CallerView, caller: Caller) -> list[PieceReason]:
    view = seen.view
    if view.shown is None or (view.ended is not None and not view.truth):
        return []
    catalogue = seen.servable.catalogue
    reasons = [
        reason
        for reason in explain(catalogue, view.shown, view.at)
        if caller.sees_truth or reason.is_shown or (reason.is_of_topic and caller.grants is None)
    ]
    return [
        PieceReason(
            key=reason.piece.key,
            version=seen.servable.numbers[reason.piece.key],
            shown=reason.is_shown,
            why=why,
            missing=reason.missing,
            saw=dict(reason.saw),
        )
        for why, reason in (shared_reason(reason, catalogue.plan, caller.grants) for reason in reasons)
    ]
