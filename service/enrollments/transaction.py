"""Carrying out a change: decided under the enrollment's lock, stored, answered.

SQLite lets one transaction write at a time. What would hold it for long is decided beforehand, on a snapshot; it is
stored if the enrollment is still the same, else decided again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.engine import Event, active_events, refold
from service.enrollments.answers import ReportAnswer, ReportView, answer_reports, remember_disclosures, view_for_report
from service.enrollments.change import EnrollmentChange, LockedEnrollment, release_of
from service.enrollments.content import ContentOptions
from service.enrollments.decisions import is_revised
from service.enrollments.save import store_change
from service.enrollments.store import enrollments
from service.enrollments.store.enrollments import EarlierReport, StoredEnrollment
from service.enrollments.store.log import LongFold
from service.enrollments.words import open_tasks_for_words
from service.platform.database.statements import Target, Writes
from service.publishing.service import Service
from service.surveys.measure import keep_answers
from service.surveys.store import StoredAnswers, delete_answers

MOST_UNDER_LOCK = 100
#: Entries of a log that are folded while other writers wait; twice a fold of so many takes about 15 ms.
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Decided:
    """A change of an enrollment before it is stored, with all that its answers need.

    `earlier` is the report that was sent before, if it was; then nothing but time has changed the enrollment, and
    `is_revised` says whether its result is another now, as far as the caller may know.
    """

    locked: LockedEnrollment
    change: EnrollmentChange
    view: ReportView
    earlier: EarlierReport | None = None
    is_revised: bool = False


Transaction = Callable[[], AbstractContextManager[Connection]]
Decide = Callable[[Connection, int | None], Decided]
#: Decides on a change; at most a number of entries of the log may be folded (None: any number), else LongFold.


def decide_change(
    service: Service,
    connection: Connection,
    locked: LockedEnrollment,
    change: EnrollmentChange,
    options: ContentOptions,
    earlier: EarlierReport | None = None,
) -> Decided:
    """The change with the view of its caller."""
    view = view_for_report(service, connection, locked.caller, change.stored, options, locked.now)
    revised = earlier is not None and _is_revised(locked, change.stored, earlier)
    return Decided(locked, change, view, earlier, revised)


def carry_out(
    service: Service, decide: Decide, *, is_long: bool = False, is_dry_run: bool = False
) -> list[ReportAnswer]:
    """The answer to each new entry of the change that is decided, or to the report that was sent before.

    Args:
        service: the process.
        decide: decides on the change; it is called again where the enrollment changed meanwhile.
        is_long: whether it surely folds more than may be folded under the lock.
        is_dry_run: whether the change is undone once its answer is known, so that nothing is stored or remembered.
    """
    transaction = service.database.trying if is_dry_run else service.database.writing
    answers, decided = _carried_out(service, decide, transaction, is_long=is_long)
    if not is_dry_run:
        remember_disclosures(service, decided.change.stored.id, decided.view.disclosures)
    return answers


def _carried_out(
    service: Service, decide: Decide, transaction: Transaction, *, is_long: bool
) -> tuple[list[ReportAnswer], Decided]:
    for _ in range(ATTEMPTS if service.database.is_sqlite else 0):
        if not is_long:
            try:
                return _under_lock(service, decide, transaction, MOST_UNDER_LOCK)
            except LongFold:
                is_long = True
        with service.database.snapshot() as connection:
            prepared = decide(connection, None)
        before = prepared.locked.stored
        writes = Writes(service.database.engine.dialect)
        _store(writes, prepared)
        with transaction() as connection:
            if enrollments.load_to_change(connection, before.id) == before:
                writes.run(connection)
                _store_measured(service, connection, prepared)
                return _answer(connection, prepared), prepared
    return _under_lock(service, decide, transaction, None)


def _under_lock(
    service: Service, decide: Decide, transaction: Transaction, most: int | None
) -> tuple[list[ReportAnswer], Decided]:
    with transaction() as connection:
        decided = decide(connection, most)
        _store(connection, decided)
        _store_measured(service, connection, decided)
        return _answer(connection, decided), decided


def _store(target: Target, decided: Decided) -> None:
    change, locked = decided.change, decided.locked
    store_change(target, change, decided.view.disclosures, locked.now)
    if change.entries:
        plan = locked.releases[release_of(change.stored)].plan
        arrivals = [entry.arrival for entry in change.entries]
        open_tasks_for_words(target, plan, change.stored.id, arrivals, locked.now)


def _store_measured(service: Service, connection: Connection, decided: Decided) -> None:
    """Keeps the measured answers of a patient, and deletes those of events that were taken back."""
    change, now = decided.change, decided.locked.now
    stored = change.stored
    for uid in change.retracted_uids:
        delete_answers(connection, service.digests.digest_of(connection, "survey", uid))
    for uid, answers in change.measured:
        if stored.person is not None and not stored.is_sandbox:
            digest = service.digests.digest_of(connection, "survey", uid)
            kept = StoredAnswers(digest, stored.person, stored.journey, answers.survey, now, answers.measured)
            keep_answers(connection, kept, now)


def _answer(connection: Connection, decided: Decided) -> list[ReportAnswer]:
    caller, view, earlier = decided.locked.caller, decided.view, decided.earlier
    entries = decided.change.entries
    decisions = [entry.decision for entry in entries] if earlier is None else [earlier.decision]
    return answer_reports(
        connection, caller, view, decisions, is_replay=earlier is not None, revised=decided.is_revised
    )


def _is_revised(locked: LockedEnrollment, stored: StoredEnrollment, earlier: EarlierReport) -> bool:
    """Whether the result of an earlier event has changed since its decision, as far as the caller may know.

    What is stored of it speaks of the truth. Where news ever began, the told view is folded again.
    """
    enrollment = stored.enrollment
    if locked.caller.sees_truth or (not enrollment.told.news and earlier.revised_revision is None):
        return earlier.revised_revision is not None
    if earlier.is_retraction:
        return False
    arrivals = locked.log()
    event = next((entry for entry in arrivals if isinstance(entry, Event) and entry.uid == earlier.uid), None)
    if event is None or enrollment.told.withholds(event):
        return False
    told = enrollment.told.told if enrollment.told.open else None
    visible = active_events(enrollment.told.visible(arrivals))
    _, results = refold(locked.releases, enrollment.release, visible, locked.now, told=told)
    result = next((result for result in results if result.key == earlier.uid), None)
    grants = locked.caller.grants
    return is_revised(earlier.decision, result, names_states=grants is None or grants.sees_course)
