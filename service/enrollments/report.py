"""Reporting to an enrollment: events, placements, retractions and migrations, each once and for ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from journeys.analysis.comparison import MIGRATION, migrated
from journeys.content.rendering import served_locale
from journeys.engine import (
    Arrival,
    Event,
    Placement,
    Report,
    Retraction,
    State,
    admit,
    admit_placement,
)
from journeys.primitives.errors import CallerError, Refused
from service.access.caller import Caller
from service.effects.store import work
from service.effects.store.work import Shown
from service.enrollments.answers import Answer, look, now_part, remember, see, unnoted
from service.enrollments.content import Asked
from service.enrollments.requests import EventRequest, PlacementRequest
from service.enrollments.steps import Passed, arrive, cleared_reminders, decide, pass_time
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import Reported, Stored
from service.enrollments.store.log import Entry, Logged
from service.enrollments.views import view_of
from service.platform import errors
from service.platform.database.payload import seal
from service.platform.database.statements import together
from service.publishing.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Something to report to an enrollment.

    `id` is the reporter's (None: it cannot be read, and the request is refused); `digest` tells whether a body is the
    same; `request` is what the body asks for, or what is wrong with it: a replay is recognised before that matters.
    """

    enrollment: str
    id: str | None
    digest: str
    request: EventRequest | PlacementRequest | CallerError
    if_match: frozenset[str] = frozenset()
    asked: Asked = field(default_factory=Asked)


def report(service: Service, caller: Caller, incoming: Incoming) -> Answer:
    """Applies an event or a placement, or answers the stored decision when it came before.

    Raises:
        NotFound: no such enrollment, or not the caller's.
        Conflict: the id came before with another body.
        Stale: the enrollment is not what If-Match names.
        Refused: the journey does not accept it; nothing is stored.
        TooMany: the enrollment has as many events as are accepted.
    """
    with service.database.writing() as connection:
        found = enrollments.load_for_event(connection, incoming.enrollment, caller.name, incoming.id or "")
        if found is None or not caller.may_see(found[0]):
            raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
        stored, before = found
        now = service.clock()
        if before is not None:
            return _replay(service, connection, caller, stored, before, incoming, now)
        if isinstance(incoming.request, CallerError):
            raise incoming.request
        work_on = _Working(service, connection, caller, stored, now)
        work_on.require(incoming.if_match)
        replaced = work_on.replaced(incoming.request.replaces)
        event = _admitted(work_on, incoming.request, replaced.uid if replaced else None)
        work_on.require_room(event)
        decision = work_on.take(event, external_id=event.id, digest=incoming.digest)
        answer, given = work_on.answer(decision, incoming.asked)
    remember(service, stored.id, given)
    return answer


def retract(
    service: Service, caller: Caller, *, enrollment: str, event: str, reason: str, digest: str, asked: Asked
) -> Answer:
    """Takes an event back, by our id for it. Asked again for the same reason, the same decision is given.

    Raises:
        NotFound: no such enrollment or event, or not the caller's.
        Conflict: it was taken back before for another reason, or replaced.
    """
    with service.database.writing() as connection:
        stored = enrollments.load_to_change(connection, enrollment)
        if stored is None or not caller.may_see(stored):
            raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
        entries = log.find_entries(connection, enrollment, event)
        reported = next((entry for entry in entries if entry.is_event), None)
        if reported is None or not _is_theirs(caller, reported):
            raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
        now = service.clock()
        before = next((entry for entry in entries if not entry.is_event), None)
        work_on = _Working(service, connection, caller, stored, now)
        if before is not None and before.request_digest == digest:
            known = Reported(before.uid, before.request_digest, before.decision, None)
            return _answer_again(service, connection, caller, stored, known, asked, now)
        if reported.retracted_at is not None:
            raise errors.Conflict(errors.RETRACTED_OTHERWISE)
        decision = work_on.take(Retraction(event, reason, caller.name, now), external_id=None, digest=digest)
        answer, given = work_on.answer(decision, asked)
    remember(service, stored.id, given)
    return answer


def migrate(service: Service, *, enrollment: str, to: str, mapping: Mapping[str, str], id: str) -> Answer:
    """Moves an enrollment to another release of its journey; the mapping gives states that have other names there.

    Raises:
        NotFound: no such enrollment or release.
        Refused: a state of the current release has no place in the new one.
    """
    caller = Caller("", MIGRATION, frozenset({"staff"}), "staff")
    with service.database.writing() as connection:
        found = enrollments.load_for_event(connection, enrollment, caller.name, id)
        if found is None:
            raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
        stored, before = found
        now = service.clock()
        if before is not None:
            return _answer_again(service, connection, caller, stored, before, Asked(), now)
        work_on = _Working(service, connection, caller, stored, now)
        work_on.require_mapping(to, mapping)
        event = migrated(enrollment, id, to, mapping, now)
        decision = work_on.take(event, external_id=id, digest="")
        answer, _ = work_on.answer(decision, Asked())
    return answer


def find_enrollment(service: Service, caller: Caller, *, patient_ref: str, journey: str, key: str | None) -> str:
    """The id of a patient's one enrollment in a journey, of a key if given.

    Raises:
        NotFound: there is none, or it is not the caller's.
        Ambiguous: there are several.
    """
    if caller.patient_ref not in (None, patient_ref) or caller.journey not in (None, journey):
        raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
    with service.database.reading() as connection:
        found = enrollments.ids_in_journey(connection, patient_ref, journey, key)
    if not found:
        raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
    if len(found) > 1:
        raise errors.Ambiguous(errors.NAME_THE_KEY)
    return found[0]


class _Working:
    """One change to one enrollment inside its transaction."""

    def __init__(self, service: Service, connection: Connection, caller: Caller, stored: Stored, now: datetime) -> None:
        self.service = service
        self.connection = connection
        self.caller = caller
        self.now = now
        self.releases = service.library.releases(connection)
        self.entries: list[Logged] | None = None
        self.entry: Entry | None = None  # what was taken
        self.passed = pass_time(self.releases, stored, now, self.log)

    @property
    def stored(self) -> Stored:
        """The enrollment after all that time did."""
        return self.passed.stored

    @property
    def plan_release(self) -> str:
        """The id of the release it stands in."""
        state = self.stored.enrollment.state
        return state.release if state is not None else self.stored.enrollment.release

    @property
    def pieces(self) -> Collection[str]:
        """The keys of the pieces that fit the release; one may have been recalled while it was read."""
        release, stored = self.releases[self.plan_release], self.stored
        served = served_locale(stored.locale, release.plan.journey.locales)
        return self.service.library.servable_content(
            self.connection, release, stored.standing, stored.programme, locale=served, now=self.now
        ).known

    def logged(self) -> list[Logged]:
        """The log, read once when it is needed."""
        if self.entries is None:
            self.entries = log.read_log(self.connection, self.stored.id)
        return self.entries

    def log(self) -> Sequence[Arrival]:
        """The arrivals so far."""
        return [entry.arrival for entry in self.logged()]

    def require(self, if_match: frozenset[str]) -> None:
        """Refuses to go on when the caller read something else.

        Raises:
            Stale: when none of the tags names what the caller would see now.
        """
        if not if_match or "*" in if_match:
            return
        view = view_of(self.stored, self.now, truth=self.caller.sees_truth)
        if view.tag not in if_match:
            raise errors.Stale(errors.STALE_DETAIL)

    def require_room(self, event: Event) -> None:
        """Refuses one more event where there are enough.

        Staff may report twice as many as others, so that nobody can keep them from saying what is so; to leave is
        open to everybody for as long as it is to staff.

        Raises:
            TooMany: naming how many are accepted.
        """
        most = self.service.limits.events
        length = self.stored.log_length
        if length < most:
            return
        state = self.stored.enrollment.state
        leaves = event.type in self.releases[self.plan_release].plan.ends and state is not None and state.ended is None
        if length >= 2 * most or not (self.caller.sees_truth or leaves):
            raise errors.TooMany(errors.EVENTS_LIMIT.format(most))

    def require_mapping(self, to: str, mapping: Mapping[str, str]) -> None:
        """Refuses a release or a mapping that cannot take every leaf of the current one; people stand in leaves.

        Raises:
            NotFound: no such release of this journey.
            Refused: by the states that have no place.
        """
        try:
            plan = self.releases[to].plan
        except KeyError:
            raise errors.NotFound from None
        if plan.journey.key != self.stored.journey:
            raise errors.NotFound
        lost = [
            full
            for track in self.releases[self.plan_release].plan.tracks.values()
            for full in (f"{track.name}.{path}" for path in track.leaves)
            if track.name in plan.tracks and mapping.get(full, full) not in plan.states
        ]
        if lost:
            raise Refused({f"map.{full}": [errors.NO_PLACE] for full in lost})

    def replaced(self, named: str | None) -> Logged | None:
        """The event that a request replaces, by its reporter's id or ours.

        Raises:
            Refused: when there is none that the caller may replace.
        """
        if named is None:
            return None
        found = log.find_by_external_id(self.connection, self.stored.id, self.caller.name, named)
        if found is None:
            entries = log.find_entries(self.connection, self.stored.id, named)
            found = next((entry for entry in entries if entry.is_event), None)
        if found is None or not _is_theirs(self.caller, found):
            raise Refused({"replaces": [errors.NO_SUCH_EVENT_TO_REPLACE]})
        if isinstance(found.arrival, Event) and found.arrival.kind in ("enrolled", "migrated"):
            raise Refused({"replaces": [errors.NOT_REPLACED]})
        if found.retracted_at is not None:
            raise Refused({"replaces": [errors.ALREADY_TAKEN_BACK]})
        return found

    def take(self, arrival: Arrival, *, external_id: str | None, digest: str) -> bytes:
        """Applies what arrives and gives the decision as it is kept for ever; `answer` stores all that follows."""
        before = self.stored
        passed = arrive(self.releases, before, arrival, self.now, self.log)
        decision = seal(self.decision(before, passed, arrival))
        revision = passed.stored.enrollment.revision
        self.passed = Passed(
            replace(passed.stored, log_length=before.log_length + 1, failures=0),
            (*self.passed.steps, *passed.steps),
        )
        self.entry = Entry(
            position=before.log_length,
            arrival=arrival,
            external_id=external_id,
            request_digest=digest,
            revision=revision,
            decision=decision,
            outcome=passed.steps[-1].results[arrival.uid].outcome if isinstance(arrival, Event) else None,
        )
        return decision

    def store(self, given: list[Shown]) -> None:
        """Stores what was taken, all that follows from it, and what the answer gives out."""
        with together(self.connection):
            if self.entry is not None:
                log.append(self.connection, self.stored.id, self.entry)
                arrival = self.entry.arrival
                gone = arrival.replaces if isinstance(arrival, Event) else arrival.uid
                if gone is not None:
                    log.mark_retracted(self.connection, self.stored.id, gone, self.now)
                keep(self.connection, self.passed, self.now)
            work.log_shown(self.connection, self.stored.id, given)

    def decision(self, before: Stored, passed: Passed, arrival: Arrival) -> dict[str, Any]:
        """The decision on what arrived, for its caller."""
        masked = not self.caller.sees_truth and passed.stored.enrollment.told is not None
        step = passed.steps[-1]
        if isinstance(arrival, Event):
            decision = decide(before.enrollment, passed, arrival, self.releases, masked=masked)
        else:
            decision = _decision_on_retraction(before, passed, arrival, masked=masked)
        if not masked and not self.caller.sees_truth:
            decision["cleared"] = cleared_reminders(before.enrollment, step, self.releases)
        if isinstance(arrival, Retraction) or arrival.replaces is not None:
            given = [] if masked else work.shown_in(self.connection, before.id, step.stays_undone)
            decision["shown"] = [
                {"piece": one.piece, "version": one.version, "locale": one.locale, "channel": one.channel}
                for one in given
            ]
        return decision

    def answer(self, decision: bytes, asked: Asked, *, before: Reported | None = None) -> tuple[Answer, list[Shown]]:
        """The answer, and what it gives out, noted in the same transaction; `before` is what came before, if it did."""
        seen = see(self.service, self.connection, self.caller, self.stored, asked, self.now)
        viewed = (
            look(self.service, self.connection, self.caller, self.stored, asked.locale, self.now)
            if asked.view
            else None
        )
        given = unnoted(self.service, self.caller, seen, self.now)
        if viewed is not None:
            given = list(dict.fromkeys([*given, *unnoted(self.service, self.caller, viewed.seen, self.now)]))
        self.store(given)
        since = before.revised_revision if before is not None else None
        revised = since is not None and since <= seen.view.revision
        now = now_part(self.connection, self.caller, seen, revised=revised)
        return Answer(decision, now, seen.view.tag, before is not None, viewed), given


def keep(connection: Connection, passed: Passed, now: datetime) -> None:
    """Stores an enrollment and what its steps say: history, tasks, reminders, what was revised."""
    stored = passed.stored
    enrollments.keep(connection, stored)
    log.append_records(connection, stored.id, now, passed.records)
    for step in passed.steps:
        work.act(connection, stored.id, step.effects, now)
    if passed.revised:
        log.mark_revised(connection, stored.id, passed.revised)


def _admitted(working: _Working, request: EventRequest | PlacementRequest, replaces: str | None) -> Event:
    plan = working.releases[working.plan_release].plan
    caller, stored, now = working.caller, working.stored, working.now
    if isinstance(request, PlacementRequest):
        placement = Placement(
            id=request.id,
            state=request.state,
            reason=request.reason,
            reporter=caller.name,
            at=request.at or now,
            day=request.day,
            facts=request.facts,
            told=request.told,
            replaces=replaces,
        )
        return admit_placement(plan, stored.id, placement, now)
    asked = Report(
        id=request.id,
        type=request.type,
        reporter=caller.name,
        by=caller.by,
        at=request.at,
        day=request.day,
        sequence=request.sequence,
        facts=request.facts,
        told=request.told,
        replaces=replaces,
        piece=request.piece,
    )
    return admit(plan, stored.id, asked, now, working.pieces if request.piece is not None else frozenset())


def _replay(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: Stored,
    before: Reported,
    incoming: Incoming,
    now: datetime,
) -> Answer:
    if before.request_digest != incoming.digest:
        raise errors.Conflict(errors.EVENT_ID_REUSED)
    return _answer_again(service, connection, caller, stored, before, incoming.asked, now)


def _answer_again(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: Stored,
    before: Reported,
    asked: Asked,
    now: datetime,
) -> Answer:
    """The stored decision, and what is so now; nothing is applied."""
    return _Working(service, connection, caller, stored, now).answer(before.decision, asked, before=before)[0]


def _is_theirs(caller: Caller, entry: Logged) -> bool:
    """Whether a caller may take an event back: staff any, others what they reported."""
    return caller.sees_truth or entry.reporter == caller.name


def _decision_on_retraction(before: Stored, passed: Passed, retraction: Retraction, *, masked: bool) -> dict[str, Any]:
    was, now = before.enrollment.state, passed.stored.enrollment.state
    tracks = sorted({*(was.tracks if was else ()), *(now.tracks if now else ())})
    moves = []
    for track in () if masked else tracks:
        start, end = _leaf(was, track), _leaf(now, track)
        if start != end:
            moves.append({"track": track, "from": start, "to": end, "trigger": "retracted"})
    moved = {move["track"] for move in moves}
    return {
        "event": retraction.uid,
        "outcome": "advanced" if moved else "stayed",
        "by_track": {track: "advanced" if track in moved else "stayed" for track in tracks},
        "transitions": moves,
        "waiting_for": [],
        "cleared": [] if masked else list(passed.steps[-1].cleared),
    }


def _leaf(state: State | None, track: str) -> str | None:
    stays = state.tracks.get(track, ()) if state is not None and state.ended is None else ()
    return stays[-1].state if stays else None
