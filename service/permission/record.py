"""What a person allows or revokes, as a caller reports it, and the ledger of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.permission import Authorization, PermissionEntry, problems_of_entry
from journeys.permission.entries import Actor, Kind
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.permission.store import RecordedEntry, list_entries
from service.persons.own import require_person
from service.platform import errors
from service.publishing.approvals import NamedText, find_approved_consent
from service.publishing.service import Service

CLOCKS_APART = timedelta(minutes=5)
#: By how much the clock of a caller may be ahead of ours.
FUTURE = "This lies in the future. Send when the person spoke, or leave it out for now."
NOT_APPROVED = "There was no approved consent text of this journey, key, version and locale at that time."
NOT_GRANTED = "The text grants {}; name one."


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenEntry:
    """A grant or a revocation as a caller sends it; without `occurred_at` the person spoke now.

    `text` names a consent text; the other fields are those of `PermissionEntry`.
    """

    kind: Kind
    method: str
    occurred_at: datetime | None = None
    purpose: str | None = None
    channel: str | None = None
    topic: str | None = None
    text: NamedText | None = None
    until: datetime | None = None
    evidence: str = ""
    authorization: Authorization | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of a person."""

    person: str
    entries: list[RecordedEntry]


def read_ledger(service: Service, caller: Caller, person: str | None) -> Ledger:
    """What a person allowed and revoked, in the order of recording; raises like `require_person`."""
    with service.database.reading() as connection:
        owner = require_person(service, connection, caller, person)
        return Ledger(owner.id, list_entries(connection, owner.id))


def find_entry(service: Service, caller: Caller, person: str | None, entry: str) -> tuple[str, RecordedEntry]:
    """The id of a person and an entry of the ledger by its id.

    Raises:
        NotFound: the person has no such entry; and like `require_person`.
    """
    ledger = read_ledger(service, caller, person)
    for recorded in ledger.entries:
        if recorded.entry.id == entry:
            return ledger.person, recorded
    raise errors.NotFound


def entry_of_caller(
    service: Service, connection: Connection, caller: Caller, spoken: SpokenEntry, now: datetime
) -> PermissionEntry:
    """The entry that a caller reports, checked; it is not recorded yet.

    Raises:
        Refused: a field has a value that is not accepted.
    """
    entry = PermissionEntry(
        id=service.new_id(),
        kind=spoken.kind,
        by=_actor(caller),
        method=spoken.method,
        occurred_at=min(spoken.occurred_at or now, now),
        purpose=spoken.purpose,
        channel=spoken.channel,
        topic=spoken.topic,
        until=spoken.until,
        evidence=spoken.evidence,
        authorization=spoken.authorization,
    )
    problems: dict[str, str] = {}
    if spoken.text is not None:
        entry, problems = _with_text(service, connection, entry, spoken.text)
    if spoken.occurred_at is not None and spoken.occurred_at > now + CLOCKS_APART:
        problems["occurred_at"] = FUTURE
    problems = problems_of_entry(entry) | problems
    if problems:
        raise Refused({name: [problem] for name, problem in problems.items()})
    return entry


def _actor(caller: Caller) -> Actor:
    if caller.caregiver is not None:
        return "caregiver"
    return "patient" if caller.patient_ref is not None else "staff"


def _with_text(
    service: Service, connection: Connection, entry: PermissionEntry, named: NamedText
) -> tuple[PermissionEntry, dict[str, str]]:
    """The entry with the text to which the person agreed, and what stops a grant by this text."""
    try:
        consent = find_approved_consent(service, connection, named, entry.occurred_at)
    except errors.NotFound:
        consent = None
    if consent is None:
        return entry, {"text": NOT_APPROVED}
    text, grants = consent
    problems = {}
    if entry.kind == "grant" and entry.purpose not in grants.purposes:
        problems["purpose"] = NOT_GRANTED.format(", ".join(grants.purposes))
    if entry.kind == "grant" and grants.channels and entry.channel not in grants.channels:
        problems["channel"] = NOT_GRANTED.format(", ".join(grants.channels))
    return replace(entry, text=text), problems
