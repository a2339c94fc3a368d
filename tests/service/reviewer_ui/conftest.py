"""A room with people of every role."""

import pytest

from tests.service.people import add
from tests.service.reviewer_ui.visitor import Visitor, sign_in_each_role

ROLES = ("author", "reviewer", "publisher", "administrator", "staff")


@pytest.fixture
def visitor(clinic):
    """Somebody who is not signed in."""
    return Visitor(clinic.app)


@pytest.fixture
def people(clinic):
    """A visitor of each role, signed in, by role."""
    return sign_in_each_role(clinic, ROLES)


@pytest.fixture
def reviewer(clinic):
    """A reviewer, signed in."""
    add(clinic, "kim")
    result = Visitor(clinic.app)
    assert result.sign_in("kim").status == 303
    return result
