"""A clinic to which a laboratory sends rows."""

import pytest

from service.publishing.store.row_sources import replace_row_sources
from tests.interop.rows.lab import SOURCES


@pytest.fixture
def laboratory(clinic):
    """The clinic with the source `lab`, and a patient who waits for a scan."""
    with clinic.service.database.writing() as connection:
        replace_row_sources(connection, "follow_up", ["lab"], SOURCES.encode(), clinic.clock())
    clinic.enroll("p1")
    return clinic
