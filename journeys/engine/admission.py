"""Checks a caller's report against the release and builds its event; errors are listed by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value
from journeys.definition.model import ANSWERED, BUILT_IN, LATER, MARKS, TOPIC_MARKS, Trigger
from journeys.definition.questions import facts_by_question
from journeys.engine.asked import unheard_of
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
MOST_LATER = timedelta(days=366)
#: How long a question may be put off.
_SEEN = MARKS[0]


@dataclass(frozen=True, slots=True)
class Report:
    """An event as the caller reported it. `at` is UTC; `by` is the reporter type of the caller's token.

    `piece` belongs to marks: the key of the piece that the patient has `seen`, `dismissed` or found `helpful`.
    `question` is the question that was `seen`, or that is to be asked `later`, from the day `until` on; with answers it
    is the survey that they answer, all of which may be `declined`. `topic` is what the patient wants to read of
    (`topic_asked`) or not (`topic_declined`).
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
    question: str | None = None
    until: date | None = None
    declined: bool = False
    topic: str | None = None


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
    known: Collection[str] = frozenset(),
    zone: tzinfo = UTC,
) -> Event:
    """Returns the event of a report.

    Args:
        plan: the release in force.
        enrollment: the id of the enrollment.
        report: the event as it was reported; answers to a survey were checked before, and bring facts alone.
        now: the time of arrival, UTC.
        pieces: the keys of pieces that a mark may name.
        known: the names of the facts that the told view has heard of, and the states (full paths) that it has entered;
            patients and families cannot answer other held facts, nor name a survey of held states alone.
        zone: the patient's time zone; a day that has begun there is not in the future.

    Raises:
        Refused: unknown trigger, undeclared fact, value outside its type, half a group, a reporter who may not
            report it, an unknown piece, question or topic, a time too far ahead. The error lists every wrong field.
    """
    errors: dict[str, list[str]] = {}
    trigger = plan.journey.triggers.get(report.type) or plan.journey.ends.get(report.type)
    is_built_in = trigger is None and report.type in BUILT_IN
    is_mark = is_built_in and report.type != ANSWERED
    unheard = unheard_of(plan, known) if is_built_in and report.by != "staff" else frozenset[str]()
    if is_mark:
        _admit_mark(report, pieces, errors)
        _admit_question(report, _names_of_questions(plan, unheard, known, report.by), zone, errors)
        _admit_topic(report, plan.journey.topics, errors)
    elif not is_built_in:
        _admit_type(plan, report, trigger, errors)
    elif not report.facts and report.question is None:
        errors["facts"] = ["This field is required: report at least one fact, which may be declined."]
    _refuse_others(report, errors, is_mark=is_mark)
    today = last_begun_day(now, zone)
    facts = {} if is_mark else _admit_facts(plan, report.facts, report.by, errors, today, report.at, unheard)
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
        data=_data_of_mark(report) if is_mark else _data_of_answer(report),
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


def _admit_type(plan: ReleasePlan, report: Report, trigger: Trigger | None, errors: dict[str, list[str]]) -> None:
    """Checks the trigger of a report, and that its reporter may report it."""
    if trigger is None:
        hint = did_you_mean(report.type, (*plan.ranks, *BUILT_IN))
        errors["type"] = [f"Unknown event '{report.type[:80]}'.{hint}"]
    elif report.by not in trigger.by:
        accepted = " or ".join(sorted(trigger.by))
        errors["type"] = [f"'{report.type}' may be reported by {accepted}, not by {report.by}."]


def _admit_mark(report: Report, pieces: Collection[str], errors: dict[str, list[str]]) -> None:
    """Checks a mark of a piece: only the patient reports it, and without facts. The family may put off a question."""
    accepted = ("family", "patient") if report.type == LATER else ("patient",)
    if report.by not in accepted:
        errors["type"] = [f"'{report.type}' may be reported by {' or '.join(accepted)}, not by {report.by}."]
    if report.facts:
        errors["facts"] = [f"'{report.type}' accepts no facts."]
    if report.type not in MARKS or (report.type == _SEEN and report.question is not None):
        return
    if report.piece is None:
        other = ", or send 'question' in its place" if report.type == _SEEN else ""
        errors["piece"] = [f"This field is required with '{report.type}': the key of the piece{other}."]
    elif report.piece not in pieces:
        errors["piece"] = [f"Unknown piece '{report.piece[:80]}'.{did_you_mean(report.piece, pieces)}"]


def _admit_question(report: Report, names: Collection[str], zone: tzinfo, errors: dict[str, list[str]]) -> None:
    """Checks the question of a mark, which must be one of these names, and the day until which it is put off."""
    if report.type == LATER and report.question is None:
        errors["question"] = [f"This field is required with '{LATER}': a group of facts, or a fact outside groups."]
    elif report.question is not None and report.question not in names:
        errors["question"] = [f"Unknown question '{report.question[:80]}'.{did_you_mean(report.question, names)}"]
    if report.type == LATER:
        day = report.at.date() if report.day else report.at.astimezone(zone).date()
        if report.until is None:
            errors["until"] = [f"This field is required with '{LATER}': the day from which to ask again."]
        elif not timedelta() < report.until - day <= MOST_LATER:
            errors["until"] = [f"This must be a day after that of the event, at most {MOST_LATER.days} days after it."]


def _admit_topic(report: Report, names: Collection[str], errors: dict[str, list[str]]) -> None:
    """Checks the topic of a mark, which must be one of these names."""
    if report.type in TOPIC_MARKS and report.topic is None:
        errors["topic"] = [f"This field is required with '{report.type}': a topic of the journey."]
    elif report.type in TOPIC_MARKS and report.topic not in names:
        accepted = did_you_mean(str(report.topic), names) or f" Accepted: {', '.join(names) or 'none'}."
        errors["topic"] = [f"Unknown topic '{str(report.topic)[:80]}'.{accepted}"]


def _names_of_questions(plan: ReleasePlan, unheard: Collection[str], known: Collection[str], by: str) -> list[str]:
    """The questions and surveys that a reporter may know of; a caregiver knows no survey."""
    unknown = {key for key, survey in plan.surveys.items() if survey.is_held and survey.states.isdisjoint(known)}
    unknown |= plan.surveys.keys() if by == "family" else set()
    return [
        name
        for name, facts in facts_by_question(plan.journey).items()
        if name not in unknown and not any(fact in unheard for fact in facts)
    ]


def _refuse_others(report: Report, errors: dict[str, list[str]], *, is_mark: bool) -> None:
    """Notes the fields of marks that the type of a report does not take, and a telling by others than staff."""
    takes_question = report.type == ANSWERED or (is_mark and report.type in (_SEEN, LATER))
    if report.piece is not None and not (is_mark and report.type in MARKS):
        errors["piece"] = [f"This field is accepted only with {', '.join(MARKS[:-1])} and {MARKS[-1]}."]
    if report.question is not None and not takes_question:
        errors["question"] = [
            f"This field is accepted only with {_SEEN} and {LATER}, and with {ANSWERED} for a survey."
        ]
    elif report.question is not None and report.piece is not None and report.type == _SEEN:
        errors["question"] = [f"Send either 'piece' or 'question' with '{_SEEN}'."]
    if report.until is not None and not (is_mark and report.type == LATER):
        errors["until"] = [f"This field is accepted only with {LATER}."]
    if report.topic is not None and not (is_mark and report.type in TOPIC_MARKS):
        errors["topic"] = [f"This field is accepted only with {' and '.join(TOPIC_MARKS)}."]
    if report.told and report.by != "staff":
        errors["told"] = ["Only staff can report that the patient has been told."]


def _data_of_mark(report: Report) -> dict[str, Any]:
    if report.topic is not None:
        return {"topic": report.topic}
    if report.question is None:
        return {"piece": report.piece}
    until = {"until": report.until.isoformat()} if report.until is not None else {}
    return {"question": report.question, **until}


def _data_of_answer(report: Report) -> dict[str, Any]:
    if report.question is None:
        return {}
    return {"question": report.question, **({"declined": True} if report.declined else {})}


def _admit_facts(
    plan: ReleasePlan,
    facts: Mapping[str, Any],
    by: str,
    errors: dict[str, list[str]],
    today: date,
    happened: datetime | None,
    unheard: Collection[str] = frozenset(),
) -> dict[str, Value]:
    """The values of reported facts; those that are `unheard` count as undeclared."""
    values: dict[str, Value] = {}
    for name, raw_value in facts.items():
        declared = plan.journey.facts.get(name) if name not in unheard else None
        key = f"facts.{name[:80]}"
        if declared is None:
            errors[key] = [f"Unknown fact.{did_you_mean(name, (fact for fact in plan.facts if fact not in unheard))}"]
            continue
        if by not in declared.by:
            errors[key] = [f"This fact may be reported by {' or '.join(sorted(declared.by))}, not by {by}."]
            continue
        try:
            values[name] = declared.kind.read(raw_value, today, happened.date() if happened is not None else None)
        except ValueError as error:
            errors[key] = [f"{str(error)[0].upper()}{str(error)[1:]}."]
    for group, members in plan.journey.groups.items():
        names = [member.text for member in members if member.text not in unheard]
        missing = [name for name in names if name not in facts]
        if missing and len(missing) < len(names):
            errors[f"facts.{missing[0]}"] = [
                f"The facts of '{group}' must be reported together: {', '.join(names)}; missing: {', '.join(missing)}."
            ]
    return values
