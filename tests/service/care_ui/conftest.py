"""A care room with a member of the care team, and a patient with held news and an open task."""

import pytest

from tests.service.people import add
from tests.service.reviewer_ui.visitor import Visitor


@pytest.fixture
def nurse(clinic):
    """A member of the care team, signed in."""
    add(clinic, "noor", roles=["staff"], functions=(), locales=())
    result = Visitor(clinic.app)
    assert result.sign_in("noor", at="/care").location == "/care/"
    return result


@pytest.fixture
def enrollment(clinic):
    """A patient whose recurrence nobody has told, and who asked for help."""
    result = clinic.enroll("patient-17")
    clinic.report(result, clinic.staff, "recurrence_confirmed", "2026-06-30")
    clinic.report(result, clinic.phone, "asked_for_help", "2026-07-01T08:00:00Z")
    return result
