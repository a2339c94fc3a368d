"""One change of an enrollment: due timers, admission, fold and decision. Pure: it neither reads nor writes a database.

What only some changes need (the log, keys of pieces, disclosures) comes as functions that are called when needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import ANSWERED
from journeys.engine import (
    Arrival,
    Event,
    Joining,
    Placement,
    Releases,
    Report,
    Retraction,
    active_events,
    admit,
    admit_entry,
    admit_placement,
)
from journeys.engine.advance import NewsAmongArrivals
from journeys.engine.asked import may_concern_held
from journeys.engine.checkpoints import NewCheckpoints, checkpoint_on_time
from journeys.engine.events import taken_back_by
from journeys.primitives.canonical import event_uid
from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.problems import counted
from journeys.primitives.state_path import StateMap, StatePath, problem_of_targets, targets_in
from journeys.surveys.answers import SurveyAnswers, read_answers
from service.access.caller import Caller
from service.effects.store.disclosures import PieceDisclosure
from service.enrollments.decisions import ReportDecision, decide_event, decide_retraction
from service.enrollments.shared import require_granted, shared_decision
from service.enrollments.steps import Advance, arrive, pass_time
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import LogEntry, LogReader, NewEntry
from service.enrollments.views import View
from service.platform import errors
from service.platform.database.payload import seal


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedEnrollment:
    """An enrollment that only this transaction may change, and the data that a change depends on.

    `stored` is the enrollment as it was locked. `log` has the arrivals so far, `piece_keys` the keys that a mark
    may name, `disclosures` the pieces that were given to the patient during some stays. `changes` is given where the
    decision says what an answer changed on the patient's screen: it compares two enrollments, as JSON.
    """

    stored: StoredEnrollment
    caller: Caller
    now: datetime
    releases: Releases
    log: LogReader
    piece_keys: Callable[[StoredEnrollment], Collection[str]]
    disclosures: Callable[[Iterable[str]], Sequence[PieceDisclosure]]
    changes: Callable[[StoredEnrollment, StoredEnrollment], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class EnrollmentChange:
    """The enrollment after a change with all its steps, and the new entries of the log (none: only time passed).

    `measured` are the answers to surveys that are kept apart from the log, each with the uid of its event.
    """

    advance: Advance
    entries: tuple[NewEntry, ...] = ()
    checkpoints: NewCheckpoints | None = None
    measured: tuple[tuple[str, SurveyAnswers], ...] = ()

    @property
    def stored(self) -> StoredEnrollment:
        """The enrollment after the change."""
        return self.advance.stored

    @property
    def retracted_uids(self) -> list[str]:
        """The uids of the events that the new entries retract or replace."""
        uids = (taken_back_by(entry.arrival) for entry in self.entries)
        return [uid for uid in uids if uid is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConditions:
    """What a report is checked against besides the journey.

    `if_match` are the tags of views of which one must be current (none: no condition); `replaced` the entry of the
    event that the report replaces, None where no such entry was found; `max_events` the most that a log may hold.
    """

    if_match: frozenset[str]
    replaced: LogEntry | None
    max_events: int


def apply_time(locked: LockedEnrollment) -> EnrollmentChange:
    """The enrollment with every due timer fired."""
    return EnrollmentChange(pass_time(locked.releases, locked.stored, locked.now))


def apply_report(
    locked: LockedEnrollment, request: Report | Placement, digest: str, conditions: ReportConditions
) -> EnrollmentChange:
    """The enrollment with every due timer fired and a report applied.

    Raises:
        Stale: no tag of `if_match` is that of the caller's view.
        Refused: the journey does not accept the report, or the caller may not replace the event.
        TooMany: the log is full.
    """
    before = pass_time(locked.releases, locked.stored, locked.now)
    require_match(locked.caller, before.stored, locked.now, conditions.if_match)
    if request.replaces is not None:
        request = replace(request, replaces=_replaceable(locked, conditions.replaced).uid)
    event, answers = _admit(locked, before.stored, request)
    _require_capacity(locked, before.stored, event, conditions.max_events)
    return replace(_apply(locked, before, [(event, digest)]), measured=_measured(event, answers))


def apply_reports(
    locked: LockedEnrollment, requests: Sequence[tuple[Report, str]], max_events: int
) -> tuple[EnrollmentChange, list[CallerError | None]]:
    """The enrollment with every due timer fired and new reports of one call applied together.

    Args:
        locked: the enrollment.
        requests: the reports, none of which replaces an event, each with the digest of its body.
        max_events: the most that the log may hold.

    Returns:
        The change, and for each report why it was refused, or None.

    Raises:
        NewsAmongArrivals: the reports must arrive one by one.
    """
    before = pass_time(locked.releases, locked.stored, locked.now)
    arrivals: list[tuple[Arrival, str]] = []
    refusals: list[CallerError | None] = []
    measured: tuple[tuple[str, SurveyAnswers], ...] = ()
    for request, digest in requests:
        if arrivals and _depends_on_known(locked, before.stored, request):
            raise NewsAmongArrivals
        try:
            event, answers = _admit(locked, before.stored, request)
            _require_capacity(locked, before.stored, event, max_events, len(arrivals))
        except CallerError as refusal:
            refusals.append(refusal)
        else:
            arrivals.append((replace(event, together=bool(arrivals)), digest))
            refusals.append(None)
            measured += _measured(event, answers)
    if not arrivals:
        return EnrollmentChange(before), refusals
    return replace(_apply(locked, before, arrivals), measured=measured), refusals


def apply_retraction(locked: LockedEnrollment, retraction: Retraction, digest: str) -> EnrollmentChange:
    """The enrollment with every due timer fired and an event retracted."""
    before = pass_time(locked.releases, locked.stored, locked.now)
    return _apply(locked, before, [(retraction, digest)])


def apply_migration(locked: LockedEnrollment, event: Event) -> EnrollmentChange:
    """The enrollment with every due timer fired and moved to the release that the event names.

    Raises:
        NotFound: the journey has no such release.
        Refused: a leaf state of the current release has no target in the new one.
    """
    before = pass_time(locked.releases, locked.stored, locked.now)
    _require_targets(locked.releases, before.stored, event.data["to"], event.data["map"])
    return _apply(locked, before, [(event, "")])


def apply_beginning(locked: LockedEnrollment, joining: Joining, id: str, replaces: str) -> EnrollmentChange:
    """The enrollment with every due timer fired and another beginning in place of the one so far.

    Args:
        locked: the enrollment.
        joining: the right beginning, in the release that the patient was enrolled with.
        id: the reporter's id of the new beginning.
        replaces: the uid of the beginning so far.

    Raises:
        Refused: an unknown entry, or a wrong time.
    """
    before = pass_time(locked.releases, locked.stored, locked.now)
    stored = before.stored
    begun = admit_entry(
        locked.releases[stored.enrollment.release].plan, stored.id, joining, locked.now, zone=stored.zone
    )
    uid = event_uid(stored.id, joining.reporter, id)
    return _apply(locked, before, [(replace(begun, id=id, uid=uid, replaces=replaces), "")])


def may_retract(caller: Caller, entry: LogEntry) -> bool:
    """Whether a caller may retract or replace an event: staff any, others those that they reported."""
    return caller.sees_truth or entry.reporter == caller.name


def is_taken_back(locked: LockedEnrollment, entry: LogEntry) -> bool:
    """Whether an event was retracted or replaced, as far as the caller may know."""
    told = locked.stored.enrollment.told
    if entry.retracted_at is None or locked.caller.sees_truth or not told.open:
        return entry.retracted_at is not None
    return entry.uid not in {event.uid for event in active_events(told.visible(locked.log()))}


def is_retracted(locked: LockedEnrollment, uid: str) -> bool:
    """Whether an event that has a retraction was retracted, as far as the caller may know."""
    told = locked.stored.enrollment.told
    if locked.caller.sees_truth or not told.open:
        return True
    return any(isinstance(arrival, Retraction) and arrival.uid == uid for arrival in told.visible(locked.log()))


def release_of(stored: StoredEnrollment) -> str:
    """The id of the release that an enrollment is in."""
    state = stored.enrollment.state
    return state.release if state is not None else stored.enrollment.release


def require_match(caller: Caller, stored: StoredEnrollment, now: datetime, if_match: frozenset[str]) -> None:
    """Raises Stale where the tags of If-Match, if there are any, name no view that the caller has now."""
    if not if_match or "*" in if_match:
        return
    if View(stored, caller.sees_truth, now, caller.grants).tag not in if_match:
        raise errors.Stale("Read the enrollment again and decide anew. Nothing was applied.")


def _replaceable(locked: LockedEnrollment, entry: LogEntry | None) -> LogEntry:
    if entry is None or not may_retract(locked.caller, entry):
        raise Refused({"replaces": ["No event with this id was reported in this enrollment."]})
    if isinstance(entry.arrival, Event) and entry.arrival.kind in ("enrolled", "migrated"):
        text = "The beginning of an enrollment and a migration cannot be replaced. Retract it, then enroll again."
        raise Refused({"replaces": [text]})
    if is_taken_back(locked, entry):
        raise Refused({"replaces": ["This event has already been retracted or replaced."]})
    return entry


def _admit(
    locked: LockedEnrollment, stored: StoredEnrollment, request: Report | Placement
) -> tuple[Event, SurveyAnswers | None]:
    """The event of a request, and the answers to a survey that it brings, if any."""
    plan = locked.releases[release_of(stored)].plan
    if isinstance(request, Placement):
        return admit_placement(plan, stored.id, request, locked.now, zone=stored.zone), None
    require_granted(plan, locked.caller, request)
    answers = None
    if _answers_survey(plan, request):
        answers = read_answers(plan, stored.enrollment.view, request, locked.now)
        request = answers.report
    keys = locked.piece_keys(stored) if request.piece is not None else frozenset()
    known = stored.enrollment.heard_of
    return admit(plan, stored.id, request, locked.now, keys, known=known, zone=stored.zone), answers


def _answers_survey(plan: ReleasePlan, request: Report) -> bool:
    return request.type == ANSWERED and request.type not in plan.ranks and request.question is not None


def _measured(event: Event, answers: SurveyAnswers | None) -> tuple[tuple[str, SurveyAnswers], ...]:
    return ((event.uid, answers),) if answers is not None and answers.measured else ()


def _depends_on_known(locked: LockedEnrollment, stored: StoredEnrollment, request: Report) -> bool:
    """Whether what the patient knows decides if a report is accepted: others of its call may change that."""
    plan = locked.releases[release_of(stored)].plan
    if _answers_survey(plan, request):
        return True
    is_of_question = request.type == ANSWERED or request.question is not None
    return is_of_question and may_concern_held(plan, request.facts, request.question)


def _require_capacity(
    locked: LockedEnrollment, stored: StoredEnrollment, event: Event, max_events: int, more: int = 0
) -> None:
    """Refuses an event that the log has no room for; `more` others came with it before.

    Staff may report twice as many events as others, so that nobody can keep them from correcting the log. Patients may
    leave the journey for as long as staff may report. Others than staff are told of a limit that counts what they know.
    """
    if stored.log_length + more < max_events:
        return
    truth, told = locked.caller.sees_truth, stored.enrollment.told
    length = more + (stored.log_length if truth else len(told.known(locked.log())))
    if length < max_events:
        return
    state = stored.enrollment.state if truth else stored.enrollment.view
    ends = locked.releases[release_of(stored)].plan.ends
    is_leaving = event.type in ends and state is not None and state.ended is None
    if length >= 2 * max_events or not (truth or is_leaving):
        raise errors.TooMany(
            f"An enrollment accepts {counted(max_events, 'event')}, and this enrollment has reached that number. "
            "Staff can still retract events."
        )


def _require_targets(releases: Releases, stored: StoredEnrollment, to: str, mapping: StateMap) -> None:
    """Refuses a migration that leaves a leaf state without a target: patients are always in a leaf.

    Every state of a list must be in the new release, and at most one in each of its tracks.
    """
    try:
        plan = releases[to].plan
    except KeyError:
        raise errors.NotFound from None
    if plan.journey.key != stored.journey:
        raise errors.NotFound
    unmapped_states = [
        full
        for track in releases[release_of(stored)].plan.tracks.values()
        if track.name in plan.tracks
        for full in (str(StatePath(track.name, path)) for path in track.leaves)
        if not any(state in plan.states for state in targets_in(mapping, full) or [full])
    ]
    text = "The new release has no state of this name. Map it to one of its states."
    problems = {f"map.{state}": [text] for state in unmapped_states}
    for full, listed in mapping.items():
        if not isinstance(listed, str) and (problem := problem_of_targets(listed, plan.states)):
            problems[f"map.{full}"] = [problem]
    if problems:
        raise Refused(problems)


def _apply(locked: LockedEnrollment, before: Advance, arrivals: Sequence[tuple[Arrival, str]]) -> EnrollmentChange:
    """The change that arrivals of one call bring, each with the digest of its request."""
    stored, log = before.stored, locked.log
    after = arrive(locked.releases, stored, [arrival for arrival, _ in arrivals], locked.now, log, log)
    step = after.steps[-1]
    entries = [
        NewEntry(
            position=position,
            arrival=arrival,
            request_digest=digest,
            revision=after.stored.enrollment.revision,
            decision=seal(_decide(locked, stored, after, arrival).to_stored()),
            outcome=step.results[arrival.uid].outcome if isinstance(arrival, Event) else None,
        )
        for position, (arrival, digest) in enumerate(arrivals, stored.log_length)
    ]
    changed = replace(after.stored, log_length=stored.log_length + len(entries), failures=0)
    checkpoints = step.checkpoints or checkpoint_on_time(
        stored.log_length, stored.enrollment.state, [arrival for arrival, _ in arrivals]
    )
    return EnrollmentChange(Advance(changed, (*before.steps, *after.steps)), tuple(entries), checkpoints)


def _decide(locked: LockedEnrollment, before: StoredEnrollment, after: Advance, arrival: Arrival) -> ReportDecision:
    """The decision on an arrival for its caller: who may not know the truth gets that of the told view."""
    step, truth, releases = after.steps[-1], locked.caller.sees_truth, locked.releases
    if isinstance(arrival, Event):
        decision = decide_event(before.enrollment, step, arrival, releases, truth=truth)
    else:
        decision = decide_retraction(before.enrollment, step, arrival, releases, truth=truth)
    if taken_back_by(arrival) is not None:
        undone = step.stays_undone if truth else step.view_stays_undone
        decision = replace(decision, shown=tuple(locked.disclosures(undone)))
    if locked.changes is not None:
        decision = replace(decision, changed=locked.changes(before, after.stored))
    grants = locked.caller.grants
    return decision if grants is None else shared_decision(decision, grants)
