"""Migrations, their policies and batches, and the patients of a journey page by page, in the database.

No function reads more than a page at once: a journey may have more patients than fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from journeys.engine import Arrival, News, State, Told
from journeys.engine.events import arrival_from_stored
from journeys.primitives.state_path import StateMap
from service.platform.database.payload import seal, unseal
from service.platform.database.tables import events, move_batches, moves, real_enrollments, release_policies, releases
from service.publishing.store.releases import StoredRelease

PAGE = 200


@dataclass(frozen=True, slots=True)
class Policy:
    """The migration policy of a release: `pin`, `follow` or `map`, and the mapping."""

    policy: str
    mapping: StateMap


@dataclass(frozen=True, slots=True)
class StoredMove:
    """A stored migration: its release, and the mapping by the release that patients come from."""

    id: str
    journey: str
    number: int
    release: str
    maps: Mapping[str, StateMap]
    total: int
    begun_at: datetime
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A completed batch, up to the enrollment `last` by id; `failed` are the enrollments that could not be migrated."""

    number: int
    last: str
    moved: int
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An enrollment in a page of many: its first and its current release, and its stored state.

    `entries` is the number of entries in its log.
    """

    id: str
    enrolled_with: str
    release: str
    payload: bytes | None
    told: bytes | None
    due: datetime | None
    ended: bool
    entries: int

    @property
    def state(self) -> State | None:
        """The state, or None before the first event."""
        return State.from_stored(unseal(self.payload)) if self.payload is not None else None

    @property
    def open_news(self) -> tuple[News, ...]:
        """What the patient must still be told."""
        return Told.from_stored(unseal(self.told)).open if self.told is not None else ()


_RELEASES = select(releases).where(releases.c.journey == bindparam("journey")).order_by(releases.c.number)
_POLICY = select(release_policies.c.policy, release_policies.c.mapping).where(
    release_policies.c.release == bindparam("release")
)
_DROP_POLICY = delete(release_policies).where(release_policies.c.release == bindparam("of"))
_INSERT_POLICY = insert(release_policies)
_LAST_NUMBER = select(func.max(moves.c.number)).where(moves.c.journey == bindparam("journey"))
_UNFINISHED = (
    select(moves)
    .where(moves.c.journey == bindparam("journey"), moves.c.outcome.is_(None))
    .order_by(moves.c.number.desc())
    .limit(1)
)
_INSERT_MOVE = insert(moves)
_END_MOVE = (
    update(moves)
    .where(moves.c.id == bindparam("the_id"), moves.c.outcome.is_(None))
    .values(ended_at=bindparam("at"), outcome=bindparam("how"))
)
_BATCHES = select(move_batches).where(move_batches.c.move == bindparam("move")).order_by(move_batches.c.number)
_INSERT_BATCH = insert(move_batches)
_TO_MOVE = (
    select(real_enrollments.c.id, real_enrollments.c.current_release)
    .where(
        real_enrollments.c.journey == bindparam("journey"),
        real_enrollments.c.current_release != bindparam("release"),
        real_enrollments.c.ended == 0,
        real_enrollments.c.id > bindparam("after"),
    )
    .order_by(real_enrollments.c.id)
    .limit(bindparam("count"))
)
_PERSON = (
    real_enrollments.c.id,
    real_enrollments.c.release,
    real_enrollments.c.current_release,
    real_enrollments.c.state,
    real_enrollments.c.told,
    real_enrollments.c.next_due_at,
    real_enrollments.c.ended,
    real_enrollments.c.log_length,
)
_OPEN = (
    select(*_PERSON)
    .where(
        real_enrollments.c.journey == bindparam("journey"),
        real_enrollments.c.ended == 0,
        real_enrollments.c.id > bindparam("after"),
    )
    .order_by(real_enrollments.c.id)
    .limit(bindparam("count"))
)
_IDS = (
    select(real_enrollments.c.id)
    .where(real_enrollments.c.journey == bindparam("journey"), real_enrollments.c.id > bindparam("after"))
    .order_by(real_enrollments.c.id)
    .limit(bindparam("count"))
)
_THOSE = (
    select(*_PERSON)
    .where(real_enrollments.c.id.in_(bindparam("those", expanding=True)))
    .order_by(real_enrollments.c.id)
)
_COUNT = select(func.count()).where(real_enrollments.c.journey == bindparam("journey"))
_COUNT_OPEN = (
    select(real_enrollments.c.current_release, func.count().label("people"))
    .where(real_enrollments.c.journey == bindparam("journey"), real_enrollments.c.ended == 0)
    .group_by(real_enrollments.c.current_release)
)
_LOGS = (
    select(events.c.enrollment, events.c.outcome, events.c.payload)
    .where(events.c.enrollment.in_(bindparam("those", expanding=True)))
    .order_by(events.c.enrollment, events.c.position)
)
_REPORTED_TO = (
    select(events.c.enrollment)
    .where(events.c.enrollment.in_(bindparam("those", expanding=True)), events.c.reporter == bindparam("reporter"))
    .distinct()
)


def list_releases(connection: Connection, journey: str) -> list[StoredRelease]:
    """Return all releases of a journey, by number."""
    return [StoredRelease(*row) for row in connection.execute(_RELEASES, {"journey": journey})]


def find_policy(connection: Connection, release: str) -> Policy | None:
    """Return the policy of a release, or None."""
    row = connection.execute(_POLICY, {"release": release}).first()
    return Policy(row.policy, unseal(row.mapping)) if row is not None else None


def set_policy(connection: Connection, release: str, policy: Policy, now: datetime) -> None:
    """Store the policy of a release, in place of the one before."""
    connection.execute(_DROP_POLICY, {"of": release})
    values = {"release": release, "policy": policy.policy, "mapping": seal(dict(policy.mapping)), "set_at": now}
    connection.execute(_INSERT_POLICY, values)


def last_number(connection: Connection, journey: str) -> int:
    """Return the number of a journey's last migration; 0 without migrations."""
    return connection.execute(_LAST_NUMBER, {"journey": journey}).scalar() or 0


def unfinished(connection: Connection, journey: str) -> StoredMove | None:
    """Return the unfinished migration of a journey, or None."""
    row = connection.execute(_UNFINISHED, {"journey": journey}).first()
    return _move(row) if row is not None else None


def add(connection: Connection, move: StoredMove) -> None:
    """Store a new migration."""
    connection.execute(
        _INSERT_MOVE,
        {
            "id": move.id,
            "journey": move.journey,
            "number": move.number,
            "release": move.release,
            "maps": seal({release: dict(mapping) for release, mapping in move.maps.items()}),
            "total": move.total,
            "begun_at": move.begun_at,
        },
    )


def end(connection: Connection, move: str, outcome: str, now: datetime) -> None:
    """Store the end of a migration."""
    connection.execute(_END_MOVE, {"the_id": move, "at": now, "how": outcome})


def list_batches(connection: Connection, move: str) -> list[Batch]:
    """Return the completed batches of a migration, in order."""
    rows = connection.execute(_BATCHES, {"move": move})
    return [Batch(row.number, row.last, row.moved, tuple(unseal(row.failed))) for row in rows]


def add_batch(connection: Connection, move: str, batch: Batch, now: datetime) -> None:
    """Store a completed batch."""
    connection.execute(
        _INSERT_BATCH,
        {
            "move": move,
            "number": batch.number,
            "last": batch.last,
            "moved": batch.moved,
            "failed": seal(list(batch.failed)),
            "done_at": now,
        },
    )


def to_move(connection: Connection, journey: str, release: str, after: str, count: int) -> list[tuple[str, str]]:
    """Return open enrollments in other releases than one, from after an id, each with its release."""
    values = {"journey": journey, "release": release, "after": after, "count": count}
    return [(row.id, row.current_release) for row in connection.execute(_TO_MOVE, values)]


def count_people(connection: Connection, journey: str) -> int:
    """Return the number of enrollments of a journey, ended ones too."""
    return int(connection.execute(_COUNT, {"journey": journey}).scalar_one())


def count_open(connection: Connection, journey: str) -> dict[str, int]:
    """Return the number of open enrollments in each release of a journey."""
    rows = connection.execute(_COUNT_OPEN, {"journey": journey})
    return {row.current_release: row.people for row in rows}


def page_of_open(connection: Connection, journey: str, after: str, count: int = PAGE) -> list[Person]:
    """Return a page of open enrollments of a journey, by id, from after an id."""
    values = {"journey": journey, "after": after, "count": count}
    return [_person(row) for row in connection.execute(_OPEN, values)]


def page_of_ids(connection: Connection, journey: str, after: str, count: int = PAGE) -> list[str]:
    """Return a page of ids of enrollments of a journey, ended ones too, from after an id."""
    return list(connection.execute(_IDS, {"journey": journey, "after": after, "count": count}).scalars())


def people_of(connection: Connection, ids: Sequence[str]) -> list[Person]:
    """Return enrollments by their ids."""
    return [_person(row) for row in connection.execute(_THOSE, {"those": list(ids)})]


def reported_to(connection: Connection, ids: Sequence[str], reporter: str) -> set[str]:
    """Return the ids of the enrollments that have an event of a reporter, also a retracted one."""
    return set(connection.execute(_REPORTED_TO, {"those": list(ids), "reporter": reporter}).scalars())


def logs_of(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, list[Arrival], dict[str, str]]]:
    """Yield the log of each enrollment, with the outcomes of its events by uid."""
    of, log, outcomes = "", list[Arrival](), dict[str, str]()
    for enrollment, outcome, payload in connection.execute(_LOGS, {"those": list(ids)}).fetchall():
        if enrollment != of:
            if log:
                yield of, log, outcomes
            of, log, outcomes = enrollment, [], {}
        arrival = arrival_from_stored(unseal(payload))
        log.append(arrival)
        if outcome is not None:
            outcomes[arrival.uid] = outcome
    if log:
        yield of, log, outcomes


def _person(row: Any) -> Person:
    return Person(
        row.id, row.release, row.current_release, row.state, row.told, row.next_due_at, bool(row.ended), row.log_length
    )


def _move(row: Any) -> StoredMove:
    return StoredMove(
        id=row.id,
        journey=row.journey,
        number=row.number,
        release=row.release,
        maps=unseal(row.maps),
        total=row.total,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
    )
