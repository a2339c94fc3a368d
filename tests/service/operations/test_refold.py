"""What an earlier version of the fold has folded is folded again, once, and what changed is counted."""

from sqlalchemy import select, update

from journeys.primitives.fold_version import FOLD_VERSION
from service.operations.refold import Refolded, refold_outdated
from service.platform.database.payload import seal, unseal
from service.platform.database.tables import enrollments


def test_enrollments_of_an_earlier_fold_are_folded_again_once(clinic):
    """One of them has another state than its log leads to now."""
    clinic.enroll("p1")
    changed = clinic.enroll("p2")
    right = clinic.read(changed, clinic.staff)["now"]
    with clinic.service.database.writing() as connection:
        connection.execute(update(enrollments).values(rules=FOLD_VERSION - 1))
        stored = unseal(connection.execute(select(enrollments.c.state).where(enrollments.c.id == changed)).scalar_one())
        of_earlier_fold = seal({**stored, "visits": {}})
        connection.execute(update(enrollments).where(enrollments.c.id == changed).values(state=of_earlier_fold))
    assert refold_outdated(clinic.service) == Refolded(enrollments=2, changed=1)
    assert refold_outdated(clinic.service) == Refolded()
    assert clinic.read(changed, clinic.staff)["now"] == right
