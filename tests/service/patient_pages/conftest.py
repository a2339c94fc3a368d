"""Patients who are signed in, of a journey with questions, consent texts and topics."""

import pytest

from tests.service.caregivers.conftest import share
from tests.service.patient_pages.visitor import Patients
from tests.service.registration.conftest import with_registration


@pytest.fixture(scope="session")
def published_rows(publish_sample):
    def change(folder) -> None:
        with_registration(folder)
        share(folder)

    return publish_sample(change)


@pytest.fixture
def patients(clinic) -> Patients:
    return Patients(clinic)
