"""SQL of attempts to hand over a message. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.platform.database.payload import unseal
from service.platform.database.statements import Prepared, PreparedForMany, Target
from service.platform.database.tables import attempts, enrollments, messages

BEGUN, WITHDRAWN, ACCEPTED, TRANSIENT, PERMANENT, OPTED_OUT, LOST = (
    "begun",
    "withdrawn",
    "accepted",
    "transient",
    "permanent",
    "opted_out",
    "lost",
)
#: The results after which the person may have the message.
MAY_HAVE_ARRIVED = frozenset({BEGUN, ACCEPTED, LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttempt:
    """An attempt, at its place in the order of all that a person allowed, revoked and was sent.

    `result` is `begun` until the provider answers. `code` is the provider's status code. `provider_digest` is the keyed
    digest of the id by which its receipts name the message.
    """

    person: str
    sequence: int
    message: str
    purpose: str
    channel: str
    contact: str
    at: datetime
    result: str = BEGUN
    code: str | None = None
    provider_digest: str | None = None


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An attempt with what its message was of; `first` is the first message that sent the same."""

    attempt: StoredAttempt
    enrollment: str
    journey: str
    piece: str
    first: str


_INSERT = Prepared(insert(attempts))
_UPDATE = Prepared(
    update(attempts)
    .where(attempts.c.person == bindparam("of"), attempts.c.sequence == bindparam("the_sequence"))
    .values({name: bindparam(name) for name in ("result", "code", "provider_digest")})
)
_SINCE = PreparedForMany(
    select(attempts, messages.c.payload, messages.c.enrollment, enrollments.c.journey)
    .join_from(attempts, messages)
    .join(enrollments, messages.c.enrollment == enrollments.c.id)
    .where(attempts.c.at >= bindparam("since"))
    .order_by(attempts.c.sequence),
    attempts.c.person,
)
_OF_MESSAGE = Prepared(select(attempts).where(attempts.c.message == bindparam("message")).order_by(attempts.c.sequence))
_OF_ENROLLMENT = Prepared(
    select(attempts)
    .join_from(attempts, messages)
    .where(messages.c.enrollment == bindparam("enrollment"))
    .order_by(attempts.c.sequence)
)
_OF_PROVIDER = Prepared(
    select(attempts)
    .where(attempts.c.provider_digest == bindparam("digest"))
    .order_by(attempts.c.person, attempts.c.sequence)
)


def add_attempt(target: Target, attempt: StoredAttempt) -> None:
    """Stores a new attempt."""
    _INSERT.run(
        target,
        {
            "person": attempt.person,
            "sequence": attempt.sequence,
            "message": attempt.message,
            "purpose": attempt.purpose,
            "channel": attempt.channel,
            "contact": attempt.contact,
            "at": attempt.at,
            **_changing(attempt),
        },
    )


def update_attempt(target: Target, attempt: StoredAttempt) -> None:
    """Stores the result of an attempt."""
    values = {"of": attempt.person, "the_sequence": attempt.sequence, **_changing(attempt)}
    _UPDATE.run(target, values)


def query_attempts(
    connection: Connection, persons: Collection[str], since: datetime
) -> Callable[[], dict[str, list[PastAttempt]]]:
    """A function that fetches the attempts of each person since an instant, in their order; see `Prepared.send`."""
    groups = _SINCE.send_groups(connection, persons, {"since": since})
    return lambda: {
        person: [_past_attempt(row, unseal(row.payload)) for row in rows] for person, rows in groups().items()
    }


def attempts_of_enrollment(connection: Connection, enrollment: str) -> list[StoredAttempt]:
    """Every attempt of the messages of an enrollment, in order."""
    return [_attempt(row) for row in _OF_ENROLLMENT.all(connection, {"enrollment": enrollment})]


def attempts_of_message(connection: Connection, message: str) -> list[StoredAttempt]:
    """The attempts of a message, in their order."""
    return [_attempt(row) for row in _OF_MESSAGE.all(connection, {"message": message})]


def attempts_of_provider_id(connection: Connection, provider_digest: str) -> list[StoredAttempt]:
    """The attempts that a provider names by an id, in the order of persons."""
    return [_attempt(row) for row in _OF_PROVIDER.all(connection, {"digest": provider_digest})]


def _past_attempt(row: Any, payload: Mapping[str, Any]) -> PastAttempt:
    first = next(iter(payload["earlier"]), row.message)
    return PastAttempt(_attempt(row), row.enrollment, row.journey, payload["piece"], first)


def _changing(attempt: StoredAttempt) -> dict[str, Any]:
    return {"result": attempt.result, "code": attempt.code, "provider_digest": attempt.provider_digest}


def _attempt(row: Any) -> StoredAttempt:
    return StoredAttempt(
        person=row.person,
        sequence=row.sequence,
        message=row.message,
        purpose=row.purpose,
        channel=row.channel,
        contact=row.contact,
        at=row.at,
        result=row.result,
        code=row.code,
        provider_digest=row.provider_digest,
    )
