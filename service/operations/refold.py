"""Folding enrollments again: those folded by earlier rules of the engine, once after an upgrade, and on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.definition.compiler import RULES_VERSION
from journeys.engine import Enrollment, Result, Step, active_events, advance, refold
from journeys.engine.checkpoints import NewCheckpoints
from journeys.engine.enrollment import Record
from journeys.engine.verification import replay
from journeys.primitives.canonical import canonical
from service.enrollments.save import store_step_results
from service.enrollments.steps import Advance
from service.enrollments.store import enrollments, log
from service.enrollments.store.checkpoints import store_checkpoints
from service.publishing.service import Service
from service.releases.store import logs_of

PAGE = 100


@dataclass(frozen=True, slots=True)
class Refolded:
    """The number of enrollments that were folded again, and of those whose state or told view changed."""

    enrollments: int = 0
    changed: int = 0


def refold_outdated(service: Service) -> Refolded:
    """Folds every enrollment of earlier rules again, each in its own transaction; it can be stopped and run again."""
    done = Refolded()
    after = ""
    while True:
        with service.database.reading() as connection:
            ids = enrollments.ids_of_earlier_rules(connection, RULES_VERSION, after, PAGE)
        for enrollment in ids:
            with service.database.writing() as connection:
                changed = _refold(service, connection, enrollment)
            done = Refolded(done.enrollments + 1, done.changed + changed)
        if len(ids) < PAGE:
            return done
        after = ids[-1]


def repair(service: Service, ids: Iterable[str]) -> int:
    """Folds these enrollments to the present again, each in its own transaction; returns how many changed."""
    count = 0
    for enrollment in ids:
        with service.database.writing() as connection:
            count += _refold(service, connection, enrollment)
    return count


def _refold(service: Service, connection: Connection, enrollment: str) -> bool:
    """Replays the arrivals of an enrollment and stores what follows now; returns whether anything is different.

    Nothing is folded beyond the present: a clock that was ahead once fired timers too early, and they are undone.
    """
    stored = enrollments.load_to_change(connection, enrollment)
    if stored is None:
        return False
    releases, before = service.library.releases(connection), stored.enrollment
    (_, arrivals, outcomes), *_ = logs_of(connection, [enrollment])
    now = service.clock()
    again = replay(releases, Enrollment(before.id, before.release), arrivals, latest=now)
    past = before.state.folded_to if before.state is not None else now
    folded_to = min(past, now)
    replayed = advance(releases, again.enrollment, lambda: arrivals, (), folded_to).enrollment
    # The effects follow from the new state; those that were emitted before keep their ids, so none is sent twice.
    ledger = replace(before, state=replayed.state, told=replayed.told)
    step = advance(releases, ledger, lambda: arrivals, (), folded_to)
    _, results = refold(releases, before.release, active_events(arrivals), folded_to)
    if past > now:
        step = _with_undone(step, refold(releases, before.release, active_events(arrivals), past)[1], results)
    if _bytes(step.enrollment) != _bytes(before) and step.enrollment.revision == before.revision:
        step = replace(step, enrollment=replace(step.enrollment, revision=before.revision + 1))
    after = replace(stored, enrollment=step.enrollment)
    enrollments.update_enrollment(connection, after)
    store_checkpoints(connection, enrollment, NewCheckpoints(None, again.checkpoints))
    store_step_results(connection, Advance(after, (step,) if step.records else ()), now)
    revised = [
        (result.key, step.enrollment.revision, result.outcome)
        for result in results
        if outcomes.get(result.key, result.outcome) != result.outcome
    ]
    log.mark_revised(connection, enrollment, revised)
    return bool(revised) or _bytes(step.enrollment) != _bytes(before)


def _with_undone(step: Step, before: Sequence[Result], after: Sequence[Result]) -> Step:
    """The step with a line of history for each timer that should not have fired."""
    remaining = {result.key for result in after}
    undone = [
        Record("undone", result.at_text, result.key, result.to_stored())
        for result in before
        if result.key not in remaining
    ]
    return replace(step, records=(*undone, *step.records))


def _bytes(enrollment: Enrollment) -> bytes:
    state = enrollment.state.to_stored() if enrollment.state is not None else None
    return canonical([state, enrollment.told.to_stored()])
