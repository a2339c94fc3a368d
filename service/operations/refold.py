"""Folding enrollments again: those folded by earlier rules of the engine, once after an upgrade, and on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import Enrollment, Result, Step, active_events, advance, refold
from journeys.engine.checkpoints import NewCheckpoints
from journeys.engine.enrollment import Record
from journeys.engine.verification import replay
from journeys.primitives.canonical import canonical
from journeys.primitives.fold_version import FOLD_VERSION
from service.enrollments.save import store_step_results
from service.enrollments.steps import Advance
from service.enrollments.store import enrollments, log
from service.enrollments.store.checkpoints import store_checkpoints
from service.enrollments.store.earlier_rules import ids_of_earlier_rules
from service.enrollments.store.enrollments import StoredEnrollment
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
            ids = ids_of_earlier_rules(connection, FOLD_VERSION, after, PAGE)
        for enrollment in ids:
            done = Refolded(done.enrollments + 1, done.changed + _refold(service, enrollment))
        if len(ids) < PAGE:
            return done
        after = ids[-1]


def repair(service: Service, ids: Iterable[str]) -> int:
    """Folds these enrollments to the present again, each in its own transaction; returns how many changed."""
    return sum(_refold(service, enrollment) for enrollment in ids)


def _refold(service: Service, enrollment: str) -> bool:
    """Folds an enrollment again and stores what follows; returns whether anything is different.

    It is folded before the database is locked, and again where it changed meanwhile.
    """
    while True:
        with service.database.reading() as connection:
            stored = enrollments.load(connection, enrollment)
            if stored is None:
                return False
            refolded = _fold_again(service, connection, stored)
        with service.database.writing() as connection:
            if enrollments.load_to_change(connection, enrollment) == stored:
                _store(connection, refolded, stored.present(service.clock()))
                return bool(refolded.revised) or _bytes(refolded.step.enrollment) != _bytes(stored.enrollment)


@dataclass(frozen=True, slots=True)
class _FoldedAgain:
    """An enrollment after its log has arrived again: `revised` are events by uid with a revision and their outcome."""

    stored: StoredEnrollment
    step: Step
    checkpoints: NewCheckpoints
    revised: Sequence[tuple[str, int, str]]


def _fold_again(service: Service, connection: Connection, stored: StoredEnrollment) -> _FoldedAgain:
    """What follows from the arrivals of an enrollment now.

    Nothing is folded beyond the present: a clock that was ahead once fired timers too early, and they are undone.
    """
    releases, before = service.library.releases(connection), stored.enrollment
    (_, arrivals, outcomes), *_ = logs_of(connection, [before.id])
    now = stored.present(service.clock())
    again = replay(releases, Enrollment(before.id, before.release), arrivals, latest=now)
    past = before.state.folded_to if before.state is not None else now
    folded_to = min(past, now)
    replayed = advance(releases, again.enrollment, lambda: arrivals, (), folded_to).enrollment
    # The effects follow from the new state; those that were emitted before keep their ids, so none is sent twice.
    ledger = replace(before, state=replayed.state, told=replayed.told)
    step = advance(releases, ledger, lambda: arrivals, (), folded_to)
    state = step.enrollment.state  # an event that lies in the future itself stays applied, with what it brought about
    reached = max(folded_to, state.folded_to) if state is not None else folded_to
    _, results = refold(releases, before.release, active_events(arrivals), reached)
    if past > reached:
        step = _with_undone(step, refold(releases, before.release, active_events(arrivals), past)[1], results)
    if _bytes(step.enrollment) != _bytes(before) and step.enrollment.revision == before.revision:
        step = replace(step, enrollment=replace(step.enrollment, revision=before.revision + 1))
    revised = [
        (result.key, step.enrollment.revision, result.outcome)
        for result in results
        if outcomes.get(result.key, result.outcome) != result.outcome
    ]
    return _FoldedAgain(
        replace(stored, enrollment=step.enrollment), step, NewCheckpoints(None, again.checkpoints), revised
    )


def _store(connection: Connection, refolded: _FoldedAgain, now: datetime) -> None:
    step, after = refolded.step, refolded.stored
    enrollments.update_enrollment(connection, after)
    store_checkpoints(connection, after.id, refolded.checkpoints)
    store_step_results(connection, Advance(after, (step,) if step.records else ()), now)
    log.mark_revised(connection, after.id, refolded.revised)


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
