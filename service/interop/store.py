"""SQL of the records that FHIR bundles bring: loaded to change, and stored resource by resource. It decides nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from journeys.interop.fhir import PatientRecord, ResourceHistory
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import fhir_records, fhir_sources

_OF_PATIENT = select(fhir_records).where(
    fhir_records.c.journey == bindparam("journey"),
    fhir_records.c.patient_ref == bindparam("patient_ref"),
    fhir_records.c.key == bindparam("key"),
)
_OF_PATIENT_READ = Prepared(_OF_PATIENT)
_OF_ID = select(fhir_records).where(fhir_records.c.id == bindparam("id"))
_OF_ID_LOCKED = Prepared(_OF_ID.with_for_update())
_OF_ID_READ = Prepared(_OF_ID)
_SOURCES = Prepared(select(fhir_sources.c.payload).where(fhir_sources.c.record == bindparam("record")))
_INSERT_RECORD = InsertIgnoring(fhir_records)
_INSERT_SOURCE = InsertIgnoring(fhir_sources)
_UPDATE_SOURCE = Prepared(
    update(fhir_sources)
    .where(fhir_sources.c.record == bindparam("of"), fhir_sources.c.digest == bindparam("the_digest"))
    .values(payload=bindparam("payload"))
)
_UPDATE_RECORD = Prepared(
    update(fhir_records)
    .where(fhir_records.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("same_as", "payload", "turn", "updated_at")})
)
_SET_ENROLLMENT = Prepared(
    update(fhir_records).where(fhir_records.c.id == bindparam("the_id")).values(enrollment=bindparam("enrollment"))
)
_DELETE_SOURCES = delete(fhir_sources).where(fhir_sources.c.record == bindparam("record"))


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it is stored; `same_as` is the id of the record that it became part of, or None."""

    id: str
    record: PatientRecord
    enrollment: str | None
    same_as: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A change of a stored record, with the rows of the resources that it adds and updates."""

    stored: StoredRecord
    record: PatientRecord
    added: Sequence[Mapping[str, Any]]
    updated: Sequence[Mapping[str, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs from what is stored."""
        is_same = self.record.shared_keys == self.stored.record.shared_keys
        return is_same and not self.added and not self.updated


def has_record(connection: Connection, journey: str, patient_ref: str, key: str) -> bool:
    """Whether there is a record under a name of the patient."""
    values = {"journey": journey, "patient_ref": patient_ref, "key": key}
    return _OF_PATIENT_READ.first(connection, values) is not None


def find_record(connection: Connection, journey: str, patient_ref: str, key: str) -> StoredRecord | None:
    """The record under a name of the patient, or None."""
    values = {"journey": journey, "patient_ref": patient_ref, "key": key}
    row = _OF_PATIENT_READ.first(connection, values)
    return _stored(connection, row) if row is not None else None


def load_record(connection: Connection, id: str) -> StoredRecord:
    """The record with an id."""
    return _stored(connection, _OF_ID_READ.first(connection, {"id": id}))


def lock_unchanged(connection: Connection, stored: StoredRecord) -> bool:
    """Locks a record until the transaction ends; returns whether it is as it was when it was read, and not deleted."""
    row = _OF_ID_LOCKED.first(connection, {"id": stored.id})
    if row is None:
        return False
    before = (stored.record.turn, stored.same_as, stored.updated_at)
    return (row.turn, row.same_as, row.updated_at) == before


def add_record(connection: Connection, id: str, journey: str, patient_ref: str, key: str, now: datetime) -> None:
    """Stores an empty record of a patient, unless another process has just done so."""
    values = {
        "id": id,
        "journey": journey,
        "patient_ref": patient_ref,
        "key": key,
        "enrollment": None,
        "same_as": None,
        "payload": seal({"shared_keys": []}),
        "turn": 0,
        "updated_at": now,
    }
    _INSERT_RECORD.run(connection, values)


def change_of(stored: StoredRecord, record: PatientRecord) -> RecordChange:
    """The rows of the resources in which a record differs from what is stored."""
    before = stored.record.sources
    added, updated = [], []
    for name, source in record.sources.items():
        if before.get(name) == source:
            continue
        digest = hmac.new(stored.id.encode(), name.encode(), hashlib.sha256).hexdigest()[:40]
        payload = seal(source.to_stored())
        if name in before:
            updated.append({"of": stored.id, "the_digest": digest, "payload": payload})
        else:
            added.append({"record": stored.id, "digest": digest, "payload": payload})
    return RecordChange(stored, record, added, updated)


def save_record(connection: Connection, change: RecordChange, now: datetime) -> None:
    """Stores a change of a record that is locked and unchanged since it was read."""
    for row in change.updated:
        _UPDATE_SOURCE.run(connection, row)
    if change.added:
        _INSERT_SOURCE.run_many(connection, change.added)
    if not change.is_empty:
        _update(connection, change.stored, change.record, change.stored.same_as, now)


def join_record(connection: Connection, alias: StoredRecord, id: str, now: datetime) -> None:
    """Makes a record under another name of the patient part of the record with an id."""
    connection.execute(_DELETE_SOURCES, {"record": alias.id})
    _update(connection, alias, PatientRecord(alias.record.patient_ref), id, now)


def set_enrollment(connection: Connection, record: str, enrollment: str) -> None:
    """Stores to which enrollment a record belongs."""
    _SET_ENROLLMENT.run(connection, {"the_id": record, "enrollment": enrollment})


def _update(
    connection: Connection, stored: StoredRecord, changed: PatientRecord, same_as: str | None, now: datetime
) -> None:
    values = {
        "the_id": stored.id,
        "same_as": same_as,
        "payload": seal({"shared_keys": sorted(changed.shared_keys)}),
        "turn": changed.turn,
        "updated_at": now,
    }
    _UPDATE_RECORD.run(connection, values)


def _stored(connection: Connection, row: Any) -> StoredRecord:
    rows = _SOURCES.all(connection, {"record": row.id})
    sources = sorted(
        (ResourceHistory.from_stored(unseal(source.payload)) for source in rows), key=lambda source: source.name
    )
    record = PatientRecord(
        patient_ref=row.patient_ref,
        sources={source.name: source for source in sources},
        shared_keys=frozenset(unseal(row.payload)["shared_keys"]),
        turn=row.turn,
    )
    return StoredRecord(row.id, record, row.enrollment, row.same_as, row.updated_at)
