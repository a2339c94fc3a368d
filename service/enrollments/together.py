"""Reports of one call to one enrollment: late ones next to each other are folded together, the others one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import Report
from journeys.engine.advance import NewsAmongArrivals
from journeys.primitives.errors import CallerError
from service.access.caller import Caller
from service.enrollments.answers import ReportAnswer
from service.enrollments.change import apply_reports
from service.enrollments.read import fold_to_now
from service.enrollments.report import IncomingReport, lock_enrollment, report
from service.enrollments.store import enrollments, log
from service.enrollments.transaction import Decided, carry_out, decide_change
from service.publishing.service import Service

MOST_TOGETHER = 250
#: Events that are stored in one transaction; on SQLite others wait for it about 15 ms.

Outcome = ReportAnswer | CallerError


class _ReportedBefore(Exception):
    """One of the reports is a replay."""


def report_all(service: Service, caller: Caller, incoming: Sequence[IncomingReport]) -> list[Outcome]:
    """The answer to each report to one enrollment, in their order; or the error of a report that was not accepted.

    Many late events cost about as much as one of them. Those that are folded together are stored together.
    """
    outcomes: list[Outcome] = []
    horizon = _folded_to(service, caller, incoming[0].enrollment) if len(incoming) > 1 else None
    while len(outcomes) < len(incoming):
        late = _late_reports(incoming[len(outcomes) : len(outcomes) + MOST_TOGETHER], horizon)
        if len(late) > 1:
            outcomes += _report_together(service, caller, late)
        else:
            next_report = incoming[len(outcomes)]
            outcomes.append(_report_alone(service, caller, next_report))
            if horizon is not None and isinstance(next_report.request, Report):
                horizon = max(horizon, next_report.request.at)
    return outcomes


def _folded_to(service: Service, caller: Caller, enrollment: str) -> datetime | None:
    """The instant to which the caller's view of an enrollment is folded now; None where the caller may not see it."""
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        if stored is None or not caller.may_see(stored):
            return None
        current = fold_to_now(service, connection, stored, service.clock()).stored.enrollment
    state = current.state if caller.sees_truth else current.view
    return state.folded_to if state is not None else None


def _late_reports(incoming: Sequence[IncomingReport], horizon: datetime | None) -> Sequence[IncomingReport]:
    """The first of these reports that are late, have ids of their own, and replace nothing."""
    ids: set[str] = set()
    for number, report_in in enumerate(incoming):
        request, id = report_in.request, report_in.id
        if horizon is None or not isinstance(request, Report) or request.at > horizon:
            return incoming[:number]
        if request.replaces is not None or id is None or id in ids:
            return incoming[:number]
        ids.add(id)
    return incoming


def _report_alone(service: Service, caller: Caller, incoming: IncomingReport) -> Outcome:
    try:
        return report(service, caller, incoming)
    except CallerError as error:
        return error


def _report_together(service: Service, caller: Caller, incoming: Sequence[IncomingReport]) -> list[Outcome]:
    if len(incoming) == 1:
        return [_report_alone(service, caller, incoming[0])]
    refusals: list[CallerError | None] = []

    def decide(connection: Connection, most: int | None) -> Decided:
        locked = lock_enrollment(service, connection, caller, incoming[0].enrollment, most)
        if log.ids_among(
            connection, locked.stored.id, caller.name, [report_in.id for report_in in incoming if report_in.id]
        ):
            raise _ReportedBefore
        requests = [
            (report_in.request, report_in.digest) for report_in in incoming if isinstance(report_in.request, Report)
        ]
        change, refusals[:] = apply_reports(locked, requests, service.limits.events)
        return decide_change(service, connection, locked, change, incoming[0].options)

    try:
        answers = iter(carry_out(service, decide, is_long=True))
    except (NewsAmongArrivals, _ReportedBefore):
        half = len(incoming) // 2
        return [
            outcome
            for part in (incoming[:half], incoming[half:])
            for outcome in _report_together(service, caller, part)
        ]
    return [refusal if refusal is not None else next(answers) for refusal in refusals]
