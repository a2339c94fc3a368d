"""Explaining the states and the content of an enrollment: the log folded again, with every condition evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeys.content.catalogue import explain
from journeys.content.screen import trigger_title
from journeys.definition.facts import wire_value
from journeys.engine import Event, Result
from journeys.engine.machine import Asked as Question
from service.access.caller import Caller
from service.enrollments.answers import CallerView, view_for_caller
from service.enrollments.content import ContentOptions
from service.enrollments.read import load
from service.enrollments.trace import trace_of
from service.enrollments.views import TrackState, states_of
from service.publishing.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationAnswer:
    """Why an enrollment is in its states, step by step, and why pieces are shown or not."""

    id: str
    state: Mapping[str, TrackState]
    steps: Sequence[Mapping[str, Any]]
    content: Sequence[Mapping[str, Any]]


def read_explanation(service: Service, caller: Caller, enrollment: str, options: ContentOptions) -> ExplanationAnswer:
    """The events and conditions that led to the current states, and the reasons why pieces are shown.

    Staff also get the reasons of pieces that are not shown. Others get the steps behind the told view.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    now = service.clock()
    with service.database.reading() as connection:
        stored = load(service, connection, caller, enrollment, now).stored
        seen = view_for_caller(service, connection, caller, stored, options, now)
        trace = trace_of(service, connection, seen, now, conditions=True)
    plan = seen.servable.catalogue.plan
    return ExplanationAnswer(
        id=enrollment,
        state=states_of(seen.view, plan, seen.chosen.locale),
        steps=[_step(result, trace.events, seen, caller) for result in trace.results],
        content=list(_reasons(seen, caller)),
    )


def _step(result: Result, events: Mapping[str, Event], seen: CallerView, caller: Caller) -> dict[str, Any]:
    step: dict[str, Any] = {
        "kind": "timer" if result.is_timer else "event",
        "item": result.key,
        "type": result.type,
        "at": result.at_text,
        "outcome": result.outcome,
        "by_track": dict(result.by_track),
        "transitions": [move.to_stored() for move in result.transitions],
        "waiting_for": list(result.waiting_for),
        "why": dict(result.why),
        "asked": [_question_part(question) for question in result.questions],
    }
    event = events.get(result.key)
    if event is not None:
        step["title"] = trigger_title(seen.servable.catalogue.plan, result.type, seen.chosen.locale)
        step["by"] = event.by
        if caller.sees_truth:
            step["reporter"] = event.reporter
            step["facts"] = {name: wire_value(value) for name, value in event.facts.items()}
    return step


def _question_part(question: Question) -> dict[str, Any]:
    return {
        "state": question.state,
        "when": question.when,
        "truth": question.truth,
        "saw": {name: wire_value(value) for name, value in question.saw.items()},
    }


def _reasons(seen: CallerView, caller: Caller) -> Iterable[dict[str, Any]]:
    view = seen.view
    if view.shown is None or (view.ended is not None and not view.truth):
        return
    for reason in explain(seen.servable.catalogue, view.shown, view.at):
        if caller.sees_truth or reason.is_shown:
            yield {
                "key": reason.piece.key,
                "version": seen.servable.numbers[reason.piece.key],
                "shown": reason.is_shown,
                "why": reason.text,
                "missing": list(reason.missing),
                "saw": dict(reason.saw),
            }
