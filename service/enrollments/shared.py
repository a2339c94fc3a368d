"""What of an enrollment a patient shares with a caregiver, and what a caregiver may report of it. Pure.

Everybody else, to whom no grants apply, gets all of their view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from journeys.content.catalogue import Reason, facts_reported, shared_facts
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import ANSWERED, LATER, MARKS, TOPIC_MARKS
from journeys.engine import Report, Result
from journeys.permission.caregivers import CaregiverGrants
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.enrollments.decisions import ReportDecision
from service.enrollments.trace import Trace

NOT_GRANTED = "The patient does not let this caregiver report this. Allowed: {}."
FACT_NOT_GRANTED = "The patient does not let this caregiver report this fact with this event. Allowed: {}."


def require_granted(plan: ReleasePlan, caller: Caller, request: Report) -> None:
    """Checks a report of a caregiver against the grants; other callers have none.

    Raises:
        Refused: the patient lets the caregiver report neither this trigger nor, with it, one of the facts.
    """
    grants = caller.grants
    if grants is None or request.type in (*MARKS, *TOPIC_MARKS):  # which are the patient's alone
        return
    needed = ANSWERED if request.type == LATER else request.type
    if needed not in grants.may:
        raise Refused({"type": [NOT_GRANTED.format(_listed(grants.may))]})
    if ANSWERED in grants.may:
        return
    accepted = facts_reported(plan, grants, request.type)
    text = FACT_NOT_GRANTED.format(_listed(accepted - plan.held_facts.keys()))
    declared = request.facts.keys() & plan.journey.facts.keys()
    if not declared <= accepted:
        raise Refused({f"facts.{name}": [text] for name in sorted(declared - accepted)})


def shared_decision(decision: ReportDecision, grants: CaregiverGrants) -> ReportDecision:
    """The decision on a caregiver's own report: without effects, without what the patient was shown, perhaps without
    states."""
    decision = replace(decision, cleared=(), shown=() if decision.shown is not None else None)
    return decision if grants.sees_course else replace(decision, by_track={}, transitions=())


def shared_trace(trace: Trace, plan: ReleasePlan, caller: Caller) -> Trace:
    """The trace without what the patient read, and without conditions; own reports alone where no course is shared."""
    grants = caller.grants
    if grants is None:
        return trace
    facts = shared_facts(plan, grants)
    results = []
    for result in trace.results:
        event = trace.events.get(result.key)
        is_own = event is not None and event.reporter == caller.name
        if is_own or (grants.sees_course and (event is None or not event.is_mark)):
            results.append(_shared_result(result, grants, facts))
    taken_back = [
        event
        for event in trace.taken_back
        if event.reporter == caller.name or (grants.sees_course and not event.is_mark)
    ]
    return replace(trace, results=results, taken_back=taken_back)


def shared_reason(reason: Reason, plan: ReleasePlan, grants: CaregiverGrants | None) -> tuple[str, Reason]:
    """Why a piece is shown, as a sentence, and the reason with no other facts than those that are shared."""
    if grants is None:
        return reason.text, reason
    facts = shared_facts(plan, grants)
    text = reason.text if grants.sees_course and facts >= reason.saw.keys() else "The patient shares it."
    return text, replace(reason, missing=(), saw={name: value for name, value in reason.saw.items() if name in facts})


def _shared_result(result: Result, grants: CaregiverGrants, facts: frozenset[str]) -> Result:
    waiting_for = tuple(name for name in result.waiting_for if name in facts)
    result = result._replace(waiting_for=waiting_for, why=(), questions=())
    return result if grants.sees_course else result._replace(by_track=(), transitions=(), stays=())


def _listed(names: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
