"""Checks a caller's report against the release and builds its event; errors are listed by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value
from journeys.definition.model import MARKS
from journeys.engine.events import Event
from journeys.primitives.canonical import EARLIEST, event_uid
from journeys.primitives.errors import Refused
from journeys.primitives.problems import did_you_mean
from journeys.primitives.state_path import StatePath

MAX_AHEAD = timedelta(minutes=5)
IN_FUTURE = (
    "The time lies in the future. An event is accepted up to 5 minutes ahead of the service's clock, "
    "and on a day that has begun in the patient's time zone."
)
#: How far a caller's clock may be ahead; an event within this limit is dated to its arrival.


@dataclass(frozen=True, slots=True)
class Report:
    """An event as the caller reported it. `at` is UTC; `by` is the reporter type of the caller's token.

    `piece` belongs to marks: the key of the piece that the patient has `seen`, `dismissed` or found `helpful`.
    """

    id: str
    type: str
    reporter: str
    by: str
    at: datetime
    day: bool = False
    sequence: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    told: bool = False
    replaces: str | None = None
    piece: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The placement of a patient in a state (`track.path`) by staff. Without `at`, it happens on arrival."""

    id: str
    state: str
    reason: str
    reporter: str
    at: datetime | None = None
    day: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    told: bool = False
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """A patient joins a journey, at an entry or (None) in the initial states."""

    entry: str | None
    facts: Mapping[str, Any]
    reporter: str
    by: str
    at: datetime
    day: bool = False


def admit(
    plan: ReleasePlan,
    enrollment: str,
    report: Report,
    now: datetime,
    pieces: Collection[str] = frozenset(),
    *,
    zone: tzinfo = UTC,
) -> Event:
    """Returns the event of a report.

    Args:
        plan: the release in force.
        enrollment: the id of the enrollment.
        report: the event as it was reported.
        now: the time of arrival, UTC.
        pieces: the keys of pieces that a mark may name.
        zone: the patient's time zone; a day that has begun there is not in the future.

    Raises:
        Refused: unknown trigger, undeclared fact, value outside its type, half a group, a reporter who may not
            report it, an unknown piece, a time too far ahead. The error lists every wrong field.
    """
    errors: dict[str, list[str]] = {}
    trigger = plan.journey.triggers.get(report.type) or plan.journey.ends.get(report.type)
    is_mark = trigger is None and report.type in MARKS
    if is_mark:
        _admit_mark(report, pieces, errors)
    elif trigger is None:
        errors["type"] = [f"Unknown event '{report.type[:80]}'.{did_you_mean(report.type, plan.ranks)}"]
    elif report.by not in trigger.by:
        accepted = " or ".join(sorted(trigger.by))
        errors["type"] = [f"'{report.type}' may be reported by {accepted}, not by {report.by}."]
    if report.piece is not None and not is_mark:
        errors["piece"] = [f"This field is accepted only with {', '.join(MARKS[:-1])} and {MARKS[-1]}."]
    if report.told and report.by != "staff":
        errors["told"] = ["Only staff can report that the patient has been told."]
    facts = {} if is_mark else _admit_facts(plan, report.facts, report.by, errors, last_begun_day(now, zone), report.at)
    at, day = admit_time(report.at, report.day, now, errors, zone=zone)
    if errors:
        raise Refused(errors)
    return Event(
        uid=event_uid(enrollment, report.reporter, report.id),
        reporter=report.reporter,
        by=report.by,
        id=report.id,
        kind="reported",
        type=report.type,
        at=at,
        arrived_at=now,
        day=day,
        sequence=report.sequence,
        facts=facts,
        told=report.told,
        replaces=report.replaces,
        data={"piece": report.piece} if is_mark else {},
    )


def admit_placement(
    plan: ReleasePlan, enrollment: str, placement: Placement, now: datetime, *, zone: tzinfo = UTC
) -> Event:
    """Returns the event of a placement by staff; `zone` is the patient's time zone.

    Raises:
        Refused: an unknown state, or wrong facts or time.
    """
    errors: dict[str, list[str]] = {}
    if placement.state not in plan.states:
        hint = did_you_mean(placement.state, plan.states)
        errors["state"] = [f"Unknown state '{placement.state[:160]}'.{hint}"]
    facts = _admit_facts(plan, placement.facts, "staff", errors, last_begun_day(now, zone), placement.at)
    at, day = admit_time(placement.at or now, placement.day, now, errors, zone=zone)
    if errors:
        raise Refused(errors)
    return Event(
        uid=event_uid(enrollment, placement.reporter, placement.id),
        reporter=placement.reporter,
        by="staff",
        id=placement.id,
        kind="placed",
        type="placed",
        at=at,
        arrived_at=now,
        day=day,
        facts=facts,
        told=placement.told,
        replaces=placement.replaces,
        data={"state": placement.state, "reason": placement.reason},
    )


def admit_entry(plan: ReleasePlan, enrollment: str, joining: Joining, now: datetime, *, zone: tzinfo = UTC) -> Event:
    """Returns the event that begins an enrollment; `zone` is the patient's time zone.

    Raises:
        Refused: an unknown entry, or wrong facts or time.
    """
    errors: dict[str, list[str]] = {}
    states: dict[str, str] = {}
    entry = joining.entry
    if entry is not None:
        declared = plan.journey.entries.get(entry)
        if declared is None:
            hint = did_you_mean(entry, plan.journey.entries)
            errors["at.entry"] = [f"Unknown entry '{entry[:80]}'.{hint}"]
        else:
            for text in declared.states:
                full = plan.journey.resolve_state(text.text)
                assert full is not None
                state = StatePath.parse(full)
                states[state.track] = state.path
    read_facts = _admit_facts(plan, joining.facts, joining.by, errors, last_begun_day(now, zone), joining.at)
    at, day = admit_time(joining.at, joining.day, now, errors, zone=zone, field_name="at.occurred_at")
    if errors:
        raise Refused(errors)
    return Event(
        uid=event_uid(enrollment, joining.reporter, "enrolled"),
        reporter=joining.reporter,
        by=joining.by,
        id="enrolled",
        kind="enrolled",
        type="enrolled",
        at=at,
        arrived_at=now,
        day=day,
        facts=read_facts,
        data={"release": plan.id, "entry": entry, "states": states},
    )


def admit_time(
    at: datetime,
    day: bool,
    now: datetime,
    errors: dict[str, list[str]],
    *,
    zone: tzinfo = UTC,
    field_name: str = "occurred_at",
) -> tuple[datetime, bool]:
    """Returns the time to fold at, and whether only its day is known.

    A time slightly ahead becomes the time of arrival; so does a day that has begun in the patient's time zone but not
    yet in UTC. A time further ahead is added to `errors`.
    """
    if at < EARLIEST:
        errors[field_name] = [f"The time lies before {EARLIEST.year}; check the year."]
    if at <= now:
        return at, day
    has_begun = day and at.date() <= last_begun_day(now, zone)
    if at - now > MAX_AHEAD and not has_begun:
        errors[field_name] = [IN_FUTURE]
    return now, False


def last_begun_day(now: datetime, zone: tzinfo) -> date:
    """The last day that has begun, in UTC or where the patient lives."""
    return max(now.date(), (now + MAX_AHEAD).astimezone(zone).date())


def _admit_mark(report: Report, pieces: Collection[str], errors: dict[str, list[str]]) -> None:
    """Checks a mark of a piece: only the patient reports it, and without facts."""
    if report.by != "patient":
        errors["type"] = [f"'{report.type}' may be reported by patient, not by {report.by}."]
    if report.piece is None:
        errors["piece"] = [f"This field is required with '{report.type}': the key of the piece."]
    elif report.piece not in pieces:
        errors["piece"] = [f"Unknown piece '{report.piece[:80]}'.{did_you_mean(report.piece, pieces)}"]
    if report.facts:
        errors["facts"] = [f"'{report.type}' accepts no facts."]


def _admit_facts(
    plan: ReleasePlan,
    facts: Mapping[str, Any],
    by: str,
    errors: dict[str, list[str]],
    today: date,
    happened: datetime | None,
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, raw_value in facts.items():
        declared = plan.journey.facts.get(name)
        key = f"facts.{name[:80]}"
        if declared is None:
            errors[key] = [f"Unknown fact.{did_you_mean(name, plan.facts)}"]
            continue
        if by not in declared.by:
            errors[key] = [f"This fact may be reported by {' or '.join(sorted(declared.by))}, not by {by}."]
            continue
        try:
            values[name] = declared.kind.read(raw_value, today, happened.date() if happened is not None else None)
        except ValueError as error:
            errors[key] = [f"{str(error)[0].upper()}{str(error)[1:]}."]
    for group, members in plan.journey.groups.items():
        names = [member.text for member in members]
        missing = [name for name in names if name not in facts]
        if missing and len(missing) < len(names):
            errors[f"facts.{missing[0]}"] = [
                f"The facts of '{group}' must be reported together: {', '.join(names)}; missing: {', '.join(missing)}."
            ]
    return values
