"""Storing a change of an enrollment: its state, log, history, tasks and reminders. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.effects.store.disclosures import PieceDisclosure, record_disclosures
from service.effects.store.effects import store_effects
from service.enrollments.change import EnrollmentChange
from service.enrollments.steps import Advance
from service.enrollments.store import enrollments, log
from service.enrollments.store.checkpoints import store_checkpoints
from service.platform.database.statements import Target, together


def store_change(
    target: Target, change: EnrollmentChange, disclosures: Sequence[PieceDisclosure], now: datetime
) -> None:
    """Stores new log entries with all that follows from them, and the pieces that their answer gives to the patient.

    Without a new entry only the disclosures are stored: a replay changes nothing.
    """
    enrollment = change.stored.id
    with together(target):
        if change.entries:
            log.append(target, enrollment, change.entries)
            for uid in change.retracted_uids:
                log.mark_retracted(target, enrollment, uid, now)
            if change.checkpoints is not None:
                store_checkpoints(target, enrollment, change.checkpoints)
            store_advance(target, change.advance, now)
        record_disclosures(target, enrollment, disclosures)


def store_advance(target: Target, advance: Advance, now: datetime) -> None:
    """Stores an enrollment and the results of its steps: history, tasks, reminders, revised outcomes."""
    enrollments.update_enrollment(target, advance.stored)
    store_step_results(target, advance, now)
    log.mark_revised(target, advance.stored.id, advance.revised)
    for uid in advance.restored:
        log.mark_retracted(target, advance.stored.id, uid, None)


def store_step_results(target: Target, advance: Advance, now: datetime) -> None:
    """Stores the history, tasks and reminders of some steps."""
    log.append_records(target, advance.stored.id, now, advance.records)
    for step in advance.steps:
        store_effects(target, advance.stored.id, step.effects, now)
