"""SQL of enrollments: loaded to read or locked to change, stored, listed, and those with due timers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, or_, select, update

from journeys.engine import NOTHING_HELD, Enrollment, State, Told
from journeys.primitives.fold_version import FOLD_VERSION
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared, PreparedForMany, Target, together
from service.platform.database.tables import enrollments, events, standings
from service.platform.time_zones import zone_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEnrollment:
    """An enrollment as it is stored, with its columns besides the fold.

    `log_length` is the number of log entries; `standing` the revision of the journey's approval status, with which
    servable content changes; `programme` is None where the journey had no programmes; `clock` is the present of a
    sandbox, UTC, and None in a real enrollment.
    """

    enrollment: Enrollment
    journey: str
    patient_ref: str
    key: str
    locale: str
    time_zone: str
    request_digest: str
    log_length: int
    created_at: datetime
    failures: int
    standing: int
    programme: str | None = None
    person: str | None = None
    clock: datetime | None = None

    @property
    def id(self) -> str:
        """The enrollment's id."""
        return self.enrollment.id

    @property
    def zone(self) -> tzinfo:
        """The patient's time zone."""
        return zone_of(self.time_zone)

    @property
    def is_sandbox(self) -> bool:
        """Whether the enrollment is of no patient, and has a clock of its own."""
        return self.clock is not None

    def present(self, now: datetime) -> datetime:
        """The present of this enrollment: that of its clock in a sandbox, else now."""
        return self.clock or now


@dataclass(frozen=True, slots=True)
class EnrollmentVersion:
    """The version of an enrollment's row, read without its state: while it is the same, so are the stored facts.

    `standing` is the revision of the journey's approval status; `failures` counts the failures to fire its timers.
    """

    id: str
    patient_ref: str
    journey: str
    revision: int
    log_length: int
    standing: int | None
    next_due_at: datetime | None
    failures: int
    clock: datetime | None

    @property
    def is_sandbox(self) -> bool:
        """Whether it is of no patient."""
        return self.clock is not None

    def is_settled(self, now: datetime) -> bool:
        """Whether no timer is due that is not stored yet."""
        return not self.failures and (self.next_due_at is None or self.next_due_at > now)


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """An event or a retraction that was reported before, as far as recognising a replay needs it."""

    uid: str
    request_digest: str
    decision: bytes
    revised_revision: int | None
    is_retraction: bool = False


@dataclass(frozen=True, slots=True)
class DueEnrollment:
    """An enrollment with due timers, locked by this transaction, and how often firing them failed in a row."""

    id: str
    failures: int
    _row: Any

    def stored(self) -> StoredEnrollment:
        """The enrollment, as it was when it was locked."""
        return _stored(self._row)


_STANDING = (
    select(standings.c.revision).where(standings.c.journey == enrollments.c.journey).scalar_subquery().label("standing")
)
_ROW = (*enrollments.c, _STANDING)
_BY_ID = PreparedForMany(select(*_ROW), enrollments.c.id)
_VERSION = Prepared(
    select(
        enrollments.c.id,
        enrollments.c.patient_ref,
        enrollments.c.journey,
        enrollments.c.revision,
        enrollments.c.log_length,
        _STANDING,
        enrollments.c.next_due_at,
        enrollments.c.failures,
        enrollments.c.clock,
    ).where(enrollments.c.id == bindparam("id"))
)
_HELD = PreparedForMany(
    select(enrollments.c.id, enrollments.c.revision, enrollments.c.log_length).with_for_update(
        read=True, skip_locked=True
    ),
    enrollments.c.id,
)
_HELD_STANDING = PreparedForMany(
    select(standings.c.journey, standings.c.revision).with_for_update(read=True, skip_locked=True), standings.c.journey
)
#: Rows that point to a locked enrollment can be added meanwhile: its key never changes.
_ONE_LOCKED = Prepared(
    select(*_ROW).where(enrollments.c.id == bindparam("id")).with_for_update(of=enrollments, key_share=True)
)
_EVENT = Prepared(
    select(events.c.uid, events.c.request_digest, events.c.decision, events.c.revised_revision).where(
        events.c.enrollment == bindparam("enrollment"),
        events.c.reporter == bindparam("reporter"),
        events.c.external_id == bindparam("external_id"),
    )
)
_OF_KEY = select(*_ROW).where(
    enrollments.c.journey == bindparam("journey"),
    enrollments.c.patient_ref == bindparam("patient_ref"),
    enrollments.c.key == bindparam("key"),
)
_OF_PATIENT = (
    select(*_ROW)
    .where(
        enrollments.c.patient_ref == bindparam("patient_ref"),
        or_(bindparam("journey", type_=Text).is_(None), enrollments.c.journey == bindparam("journey")),
        enrollments.c.id > bindparam("after"),
    )
    .order_by(enrollments.c.id)
    .limit(bindparam("count"))
)
#: For a caller whom some enrollments bind.
_BOUND = enrollments.c.id.in_(bindparam("bound", expanding=True))
_ALL = select(*_ROW).where(enrollments.c.id > bindparam("after")).order_by(enrollments.c.id).limit(bindparam("count"))
_IDS_IN_JOURNEY = (
    select(enrollments.c.id)
    .where(
        enrollments.c.patient_ref == bindparam("patient_ref"),
        enrollments.c.journey == bindparam("journey"),
        or_(bindparam("key", type_=Text).is_(None), enrollments.c.key == bindparam("key")),
    )
    .order_by(enrollments.c.id)
    .limit(2)
)
_ENROLLED_BY = (
    select(enrollments.c.id)
    .join_from(enrollments, events)
    .where(
        enrollments.c.patient_ref == bindparam("patient_ref"),
        or_(bindparam("journey", type_=Text).is_(None), enrollments.c.journey == bindparam("journey")),
        events.c.position == 0,  # the event that enrolled the patient
        events.c.reporter == bindparam("reporter"),
    )
)
_DUE_IDS = Prepared(
    select(enrollments.c.id)
    .where(enrollments.c.next_due_at <= bindparam("now"))
    .order_by(enrollments.c.next_due_at, enrollments.c.id)
    .limit(bindparam("count"))
)
_ONE_DUE = Prepared(
    select(*_ROW)
    .where(enrollments.c.next_due_at <= bindparam("now"))
    .order_by(enrollments.c.next_due_at)
    .limit(1)
    .with_for_update(of=enrollments, skip_locked=True, key_share=True)
)
_INSERT = InsertIgnoring(enrollments, enrollments.c.id)
_UPDATE = Prepared(
    update(enrollments)
    .where(enrollments.c.id == bindparam("the_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "current_release",
                "state",
                "told",
                "ledger",
                "revision",
                "log_length",
                "next_due_at",
                "failures",
                "ended",
                "rules",
                "clock",
            )
        }
    )
)
_UPDATE_SETTINGS = Prepared(
    update(enrollments)
    .where(enrollments.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("locale", "time_zone", "programme", "revision")})
)
_POSTPONE = (
    update(enrollments)
    .where(enrollments.c.id == bindparam("the_id"))
    .values(next_due_at=bindparam("next_due_at"), failures=enrollments.c.failures + 1)
)


def load(connection: Connection, enrollment: str) -> StoredEnrollment | None:
    """An enrollment to read, or None."""
    return query_enrollments(connection, [enrollment])().get(enrollment)


def query_enrollments(connection: Connection, ids: Collection[str]) -> Callable[[], dict[str, StoredEnrollment]]:
    """A function that fetches enrollments to read, by their ids; see `Prepared.send`."""
    groups = _BY_ID.send_groups(connection, ids)
    return lambda: {id: _stored(row) for id, rows in groups().items() for row in rows}


def read_version(connection: Connection, enrollment: str) -> EnrollmentVersion | None:
    """The version of an enrollment's row, or None."""
    row = _VERSION.first(connection, {"id": enrollment})
    return EnrollmentVersion(*row) if row is not None else None


def hold_each(connection: Connection, stored: Iterable[StoredEnrollment]) -> frozenset[str]:
    """Keeps enrollments and the approvals of their journeys as they are until this transaction ends.

    It waits for nobody: the ids are those of the enrollments that are as they were read, and are not being changed.
    """
    by_id = {each.id: each for each in stored}
    with together(connection):
        held = _HELD.send_groups(connection, by_id)
        held_standings = _HELD_STANDING.send_groups(connection, {each.journey for each in by_id.values()})
    rows, standings = held(), held_standings()
    return frozenset(
        id
        for id, each in by_id.items()
        if [(row.revision, row.log_length) for row in rows[id]] == [(each.enrollment.revision, each.log_length)]
        and next((row.revision for row in standings[each.journey]), 0) == each.standing
    )


def load_to_change(connection: Connection, enrollment: str) -> StoredEnrollment | None:
    """An enrollment that nobody else changes before this transaction ends, or None."""
    row = _ONE_LOCKED.first(connection, {"id": enrollment})
    return _stored(row) if row is not None else None


def load_for_event(
    connection: Connection, enrollment: str, reporter: str, external_id: str
) -> tuple[StoredEnrollment, EarlierReport | None] | None:
    """An enrollment, locked, and the event that this reporter reported with this id before, if any."""
    # Two statements: joined to the locked row, PostgreSQL would show the event as of before it waited.
    with together(connection):
        fetch_row = _ONE_LOCKED.send(connection, {"id": enrollment})
        reported = _EVENT.send(connection, {"enrollment": enrollment, "reporter": reporter, "external_id": external_id})
    row, before = fetch_row(), reported()
    return (_stored(row), EarlierReport(*before) if before is not None else None) if row is not None else None


def find_by_key(connection: Connection, journey: str, patient_ref: str, key: str) -> StoredEnrollment | None:
    """The enrollment that was made under a key, or None."""
    values = {"journey": journey, "patient_ref": patient_ref, "key": key}
    row = connection.execute(_OF_KEY, values).first()
    return _stored(row) if row is not None else None


def list_of_patient(
    connection: Connection, patient_ref: str, journey: str | None, bound: Set[str] | None, after: str, count: int
) -> list[StoredEnrollment]:
    """A patient's enrollments by id, from after an id; of those ids alone that bind the caller, if any do."""
    values = {"patient_ref": patient_ref, "journey": journey, "after": after, "count": count}
    return [_stored(row) for row in connection.execute(*_limited(_OF_PATIENT, values, bound))]


def list_all(connection: Connection, after: str, count: int) -> list[StoredEnrollment]:
    """All enrollments by id, from after an id."""
    return [_stored(row) for row in connection.execute(_ALL, {"after": after, "count": count})]


def ids_in_journey(
    connection: Connection, patient_ref: str, journey: str, key: str | None, bound: Set[str] | None = None
) -> list[str]:
    """At most two ids of a patient's enrollments in a journey, of one key if given, and of those that bind a caller."""
    values = {"patient_ref": patient_ref, "journey": journey, "key": key}
    return list(connection.execute(*_limited(_IDS_IN_JOURNEY, values, bound)).scalars())


def _limited(statement: Select[Any], values: dict[str, Any], bound: Set[str] | None) -> tuple[Select[Any], Any]:
    """A statement and its values, limited to some ids unless these are None."""
    return (statement, values) if bound is None else (statement.where(_BOUND), values | {"bound": sorted(bound)})


def ids_enrolled_by(connection: Connection, patient_ref: str, journey: str | None, reporter: str) -> list[str]:
    """The ids of a patient's enrollments, in one journey or in all, that a reporter made."""
    values = {"patient_ref": patient_ref, "journey": journey, "reporter": reporter}
    return list(connection.execute(_ENROLLED_BY, values).scalars())


def due_ids(connection: Connection, now: datetime, count: int) -> list[str]:
    """The ids of enrollments with a due timer, the longest overdue first."""
    return [row.id for row in _DUE_IDS.all(connection, {"now": now, "count": count})]


def lock_one_due(connection: Connection, now: datetime) -> DueEnrollment | None:
    """An enrollment with a due timer that no other transaction holds, locked; or None."""
    row = _ONE_DUE.first(connection, {"now": now})
    return DueEnrollment(row.id, row.failures, row) if row is not None else None


def add(connection: Connection, stored: StoredEnrollment) -> bool:
    """Stores a new enrollment; false when its journey, patient and key exist already."""
    enrollment = stored.enrollment
    values = {
        "id": enrollment.id,
        "journey": stored.journey,
        "patient_ref": stored.patient_ref,
        "key": stored.key,
        "locale": stored.locale,
        "time_zone": stored.time_zone,
        "release": enrollment.release,
        "request_digest": stored.request_digest,
        "created_at": stored.created_at,
        "programme": stored.programme,
        "person": stored.person,
        **_changing(stored),
    }
    return _INSERT.first(connection, values) is not None


def update_enrollment(target: Target, stored: StoredEnrollment) -> None:
    """Stores the new state of an enrollment."""
    _UPDATE.run(target, {"the_id": stored.id, **_changing(stored)})


def update_settings(target: Target, stored: StoredEnrollment) -> None:
    """Stores the language, the time zone, the programme and the revision of an enrollment."""
    settings = {"locale": stored.locale, "time_zone": stored.time_zone, "programme": stored.programme}
    _UPDATE_SETTINGS.run(target, {"the_id": stored.id, "revision": stored.enrollment.revision, **settings})


def postpone(connection: Connection, enrollment: str, until: datetime) -> None:
    """Counts a failure to fire the timers of an enrollment, and sets when they are tried again."""
    connection.execute(_POSTPONE, {"the_id": enrollment, "next_due_at": until})


def _changing(stored: StoredEnrollment) -> dict[str, Any]:
    enrollment = stored.enrollment
    state = enrollment.state
    return {
        "current_release": state.release if state is not None else enrollment.release,
        "state": seal(state.to_stored()) if state is not None else None,
        "told": seal(enrollment.told.to_stored()) if enrollment.told.news else None,
        "ledger": seal({"effects": {name: list(entry) for name, entry in enrollment.ledger.items()}}),
        "revision": enrollment.revision,
        "log_length": stored.log_length,
        "next_due_at": enrollment.next_due_at if stored.clock is None else None,  # no worker fires those of a sandbox
        "failures": stored.failures,
        "ended": 1 if state is not None and state.ended is not None else 0,
        "rules": FOLD_VERSION,
        "clock": stored.clock,
    }


_TOLD_AS_FOLD = 2
#: The first version of the fold whose told view is stored as a fold of its own.


def _told(row: Any) -> Told:
    """What was told; enrollments of earlier rules keep it in another form, until they are folded again."""
    if row.told is None or row.rules < _TOLD_AS_FOLD:
        return NOTHING_HELD
    return Told.from_stored(unseal(row.told))


def _stored(row: Any) -> StoredEnrollment:
    return StoredEnrollment(
        enrollment=Enrollment(
            id=row.id,
            release=row.release,
            state=State.from_stored(unseal(row.state)) if row.state is not None else None,
            told=_told(row),
            ledger={name: (status, label) for name, (status, label) in unseal(row.ledger)["effects"].items()},
            revision=row.revision,
        ),
        journey=row.journey,
        patient_ref=row.patient_ref,
        key=row.key,
        locale=row.locale,
        time_zone=row.time_zone,
        request_digest=row.request_digest,
        log_length=row.log_length,
        created_at=row.created_at,
        failures=row.failures,
        standing=row.standing or 0,
        programme=row.programme,
        person=row.person,
        clock=row.clock,
    )
