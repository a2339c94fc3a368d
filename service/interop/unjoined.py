"""SQL of the records of patients who did not join, which are deleted unread. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, delete, exists, select

from service.platform.database.tables import fhir_records, fhir_sources, real_enrollments

_UNJOINED = (
    select(fhir_records.c.id)
    .where(
        fhir_records.c.enrollment.is_(None),
        fhir_records.c.same_as.is_(None),
        fhir_records.c.updated_at < bindparam("before"),
        ~exists().where(
            real_enrollments.c.journey == fhir_records.c.journey,
            real_enrollments.c.patient_ref == fhir_records.c.patient_ref,
        ),
    )
    .order_by(fhir_records.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
#: Sources and other names first: they refer to the record.
_DELETE_BY_IDS = (
    delete(fhir_sources).where(fhir_sources.c.record.in_(_IDS)),
    delete(fhir_records).where(fhir_records.c.same_as.in_(_IDS)),
    delete(fhir_records).where(fhir_records.c.id.in_(_IDS)),
)


def delete_unjoined(connection: Connection, before: datetime, most: int) -> int:
    """Deletes at most so many records of patients without an enrollment in the journey; returns how many.

    Only records to which nothing was added since `before`, and which no bundle is just being added to.
    """
    ids = connection.scalars(_UNJOINED, {"before": before, "most": most}).all()
    if ids:
        for statement in _DELETE_BY_IDS:
            connection.execute(statement, {"ids": ids})
    return len(ids)
