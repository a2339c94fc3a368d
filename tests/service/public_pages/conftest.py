"""People with links, and visitors without a cookie."""

import pytest

from service.http.context import OUTBOX
from tests.service.outreach.people_reached import Reaching


@pytest.fixture
def reaching(clinic) -> Reaching:
    reaching = Reaching(clinic)
    clinic.app.extensions[OUTBOX] = reaching.outbox
    return reaching
