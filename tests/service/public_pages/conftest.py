"""People with links, and visitors without a cookie."""

import pytest

from tests.service.outreach.people_reached import Reaching


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)
