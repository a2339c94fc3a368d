"""Reports events, placements, retractions and migrations; each is applied once, and a repeat gets the stored answer.

A report takes five calls: lock the enrollment, apply the report, see what its caller may see, store, answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.analysis.comparison import MIGRATION, migrated
from journeys.engine import Joining, Placement, Report, Retraction
from journeys.primitives.errors import CallerError
from journeys.primitives.locales import served_locale
from journeys.primitives.state_path import StateMap
from service.access.caller import Caller
from service.effects.store.disclosures import PieceDisclosure, disclosures_in_stays
from service.enrollments.answers import ReportAnswer
from service.enrollments.change import (
    EnrollmentChange,
    LockedEnrollment,
    ReportConditions,
    apply_beginning,
    apply_migration,
    apply_report,
    apply_retraction,
    apply_time,
    is_retracted,
    may_retract,
    release_of,
)
from service.enrollments.content import ContentOptions
from service.enrollments.questions import screen_comparison
from service.enrollments.read import no_such_enrollment
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import EarlierReport, StoredEnrollment
from service.enrollments.store.log import LogEntry, LogReader
from service.enrollments.transaction import Decided, carry_out, decide_change
from service.platform import errors
from service.publishing.service import Service

NO_DRY_RUN = "A token of a patient or a caregiver may not send a dry run: what it shows would not be recorded as shown."
NO_SUCH_EVENT = "No such enrollment, or no event in it with this id that this token may retract."
SEVERAL_EVENTS = "Several reporters used this id in this enrollment. Send the event's id from 'decision.event' instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingReport:
    """A report to an enrollment.

    `id` is the reporter's (None: unreadable, so the request is refused); `digest` is equal for equal bodies, and
    `earlier_digest` is that of an earlier release, if it made another; `request` is the parsed body, or the problem
    with it: a replay is recognised before that matters. A dry run is answered and not stored. The decision on the
    answer to a question says what it changed on the patient's screen.
    """

    enrollment: str
    id: str | None
    digest: str
    request: Report | Placement | CallerError
    earlier_digest: str | None = None
    if_match: frozenset[str] = frozenset()
    options: ContentOptions = field(default_factory=ContentOptions)
    is_dry_run: bool = False
    is_to_question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingRetraction:
    """A retraction of an event, named by its uid or by its reporter's id; `digest` is equal for equal bodies."""

    enrollment: str
    event: str
    reason: str
    digest: str
    options: ContentOptions = field(default_factory=ContentOptions)


def report(service: Service, caller: Caller, incoming: IncomingReport) -> ReportAnswer:
    """The answer to an event or a placement: applied now, or the stored decision where it was reported before.

    The answer to a dry run is the same, and nothing is stored. What it shows is not recorded as shown, so that only
    staff and apps may send it.

    Raises:
        Forbidden: a dry run with a token of a patient or a caregiver.
        NotFound: the enrollment does not exist, or is not the caller's.
        Conflict: another body was reported with this id.
        Stale: the enrollment has changed since the caller read it.
        Refused: the journey does not accept the report; nothing is stored.
        TooMany: the log is full.
    """
    if incoming.is_dry_run and caller.patient_ref is not None:
        raise errors.Forbidden(NO_DRY_RUN)

    def decide(connection: Connection, most: int | None) -> Decided:
        locked, earlier = _lock(service, connection, caller, incoming.enrollment, incoming.id or "", most)
        if earlier is not None:
            _require_same_body(earlier, incoming)
            change = apply_time(locked)
        else:
            if incoming.is_to_question:
                compare = screen_comparison(service, connection, caller, incoming.options.locale, locked.now)
                locked = replace(locked, changes=compare)
            change = _apply_report(service, connection, locked, incoming)
        return decide_change(service, connection, locked, change, incoming.options, earlier)

    return carry_out(service, decide, is_dry_run=incoming.is_dry_run)[0]


def retract(service: Service, caller: Caller, incoming: IncomingRetraction) -> ReportAnswer:
    """The answer to a retraction: applied now, or the stored decision where the same retraction was sent before.

    Raises:
        NotFound: the enrollment or the event does not exist, or is not the caller's; these are not told apart.
        AmbiguousEvent: several reporters used the id.
        Conflict: the event was retracted before for another reason.
    """

    def decide(connection: Connection, most: int | None) -> Decided:
        locked = lock_enrollment(service, connection, caller, incoming.enrollment, most)
        event = _event_to_retract(locked, connection, incoming.event)
        earlier = _earlier_retraction(locked, connection, event.uid, incoming.digest)
        if earlier is not None:
            change = apply_time(locked)
        else:
            retraction = Retraction(event.uid, incoming.reason, caller.name, locked.now, caller.by)
            change = apply_retraction(locked, retraction, incoming.digest)
        return decide_change(service, connection, locked, change, incoming.options, earlier)

    try:
        return carry_out(service, decide)[0]
    except errors.NotFound:
        raise errors.NotFound(NO_SUCH_EVENT) from None


def migrate(service: Service, *, enrollment: str, to: str, mapping: StateMap, id: str) -> ReportAnswer:
    """The answer to a migration of an enrollment to another release of its journey, as staff would read it.

    Args:
        service: the process.
        enrollment: the id of the enrollment.
        to: the id of the release.
        mapping: by full path, the targets of states that have another name in the new release, or several targets.
        id: names the migration; the same id is applied once.

    Raises:
        NotFound: the enrollment or the release does not exist.
        Refused: a leaf state of the current release has no target in the new one, or a list has a wrong one.
    """
    caller = Caller("", MIGRATION, frozenset({"staff"}), "staff")

    def decide(connection: Connection, most: int | None) -> Decided:
        locked, earlier = _lock(service, connection, caller, enrollment, id, most)
        if earlier is not None:
            change = apply_time(locked)
        else:
            change = apply_migration(locked, migrated(enrollment, id, to, mapping, locked.now))
        return decide_change(service, connection, locked, change, ContentOptions(), earlier)

    return carry_out(service, decide)[0]


def begin_anew(
    service: Service, caller: Caller, *, enrollment: str, joining: Joining, id: str, replaces: str
) -> ReportAnswer:
    """The answer to another beginning of an enrollment in place of the one so far; the same id is applied once.

    Args:
        service: the process.
        caller: the reporter that began the enrollment.
        enrollment: the id of the enrollment.
        joining: the right beginning.
        id: the caller's id of it.
        replaces: the uid of the beginning so far.

    Raises:
        NotFound: the enrollment does not exist.
        Refused: an unknown entry, or a wrong time.
    """

    def decide(connection: Connection, most: int | None) -> Decided:
        locked, earlier = _lock(service, connection, caller, enrollment, id, most)
        change = apply_time(locked) if earlier is not None else apply_beginning(locked, joining, id, replaces)
        return decide_change(service, connection, locked, change, ContentOptions(content=False), earlier)

    return carry_out(service, decide)[0]


def lock_enrollment(
    service: Service, connection: Connection, caller: Caller, enrollment: str, most: int | None
) -> LockedEnrollment:
    """An enrollment, locked until the transaction ends, of whose log at most a number of entries may be folded.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    stored = enrollments.load_to_change(connection, enrollment)
    if stored is None or not caller.may_see(stored):
        raise no_such_enrollment()
    return _locked(service, connection, caller, stored, most)


def _lock(
    service: Service, connection: Connection, caller: Caller, enrollment: str, external_id: str, most: int | None
) -> tuple[LockedEnrollment, EarlierReport | None]:
    """The enrollment, locked until the transaction ends, and what the caller reported with this id before."""
    loaded = enrollments.load_for_event(connection, enrollment, caller.name, external_id)
    if loaded is None or not caller.may_see(loaded[0]):
        raise no_such_enrollment()
    stored, earlier = loaded
    return _locked(service, connection, caller, stored, most), earlier


def _locked(
    service: Service, connection: Connection, caller: Caller, stored: StoredEnrollment, most: int | None
) -> LockedEnrollment:
    now = service.clock()

    def piece_keys(current: StoredEnrollment) -> Collection[str]:
        return _piece_keys(service, connection, current, now)

    def disclosures(stays: Iterable[str]) -> Sequence[PieceDisclosure]:
        return disclosures_in_stays(connection, stored.id, stays)

    return LockedEnrollment(
        stored=stored,
        caller=caller,
        now=stored.present(now),
        releases=service.library.releases(connection),
        log=LogReader(connection, stored.id, stored.log_length, most),
        piece_keys=piece_keys,
        disclosures=disclosures,
    )


def _piece_keys(service: Service, connection: Connection, stored: StoredEnrollment, now: datetime) -> Collection[str]:
    """The keys of all pieces that fit the release: a piece may have been recalled while the patient read it."""
    release = service.library.releases(connection)[release_of(stored)]
    locale = served_locale(stored.locale, release.plan.journey.locales)
    servable = service.library.servable_content(
        connection, release, stored.standing, stored.programme, locale=locale, now=now
    )
    return servable.known


def _apply_report(
    service: Service, connection: Connection, locked: LockedEnrollment, incoming: IncomingReport
) -> EnrollmentChange:
    request = incoming.request
    if isinstance(request, CallerError):
        raise request
    conditions = ReportConditions(
        if_match=incoming.if_match,
        replaced=_find_replaced(connection, locked, request.replaces),
        max_events=service.limits.events,
    )
    return apply_report(locked, request, incoming.digest, conditions)


def _find_replaced(connection: Connection, locked: LockedEnrollment, event: str | None) -> LogEntry | None:
    """The event that a report replaces, named by its reporter's id or by its uid; or None."""
    if event is None:
        return None
    enrollment = locked.stored.id
    entry = log.find_by_external_id(connection, enrollment, locked.caller.name, event)
    if entry is not None:
        return entry
    return next((entry for entry in log.find_entries(connection, enrollment, event) if entry.is_event), None)


def _require_same_body(earlier: EarlierReport, incoming: IncomingReport) -> None:
    if earlier.request_digest not in (incoming.digest, incoming.earlier_digest):
        raise errors.Conflict("This event id was already used with a different body. Nothing was applied.")


def _event_to_retract(locked: LockedEnrollment, connection: Connection, name: str) -> LogEntry:
    """The event that a retraction names by its uid or by its reporter's id, among those that the caller may retract.

    Raises:
        NotFound: there is none.
        AmbiguousEvent: there are several.
    """
    entries = log.find_events(connection, locked.stored.id, name)
    events = [entry for entry in entries if may_retract(locked.caller, entry)]
    if not events:
        raise errors.NotFound
    if len(events) > 1:
        raise errors.AmbiguousEvent(SEVERAL_EVENTS)
    return events[0]


def _earlier_retraction(
    locked: LockedEnrollment, connection: Connection, event: str, digest: str
) -> EarlierReport | None:
    """The same retraction of an event as it was sent before, or None.

    Raises:
        Conflict: the event was retracted for another reason, as far as the caller may know.
    """
    caller = locked.caller
    retractions = [entry for entry in log.find_entries(connection, locked.stored.id, event) if not entry.is_event]
    for retraction in retractions:
        is_same = retraction.request_digest == digest
        if is_same and (caller.sees_truth or retraction.reporter == caller.name):
            return EarlierReport(
                retraction.uid, retraction.request_digest, retraction.decision, None, is_retraction=True
            )
    if retractions and is_retracted(locked, event):
        raise errors.Conflict("This event was retracted for another reason. Nothing was changed.")
    return None  # a replaced event may be retracted: then it stays retracted when its replacement is
