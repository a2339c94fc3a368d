"""The page of a patient says which topics they asked for and which they do not want to read about."""

import pytest

from tests.service.enrollments.test_topics import choose, published_rows  # noqa: F401 # a fixture with topics


@pytest.mark.parametrize(
    ("mark", "topic", "said"),
    [
        ("asked", "outlook", "Asked to read about: What may lie ahead"),
        ("declined", "outlook", None),
        ("declined", "scans", "Does not want to read about: Tests"),
        ("asked", "scans", None),
    ],
)
def test_the_page_says_what_the_patient_chose(clinic, nurse, enrollment, mark, topic, said):
    address = f"/care/enrollments/{enrollment}"
    assert "read about" not in nurse.get(address).text
    clinic.clock.pass_by(days=19)  # the scan is due, and the session is over
    nurse.sign_in("noor", at="/care")
    patient = clinic.token_of_patient("patient-17")
    assert choose(clinic, enrollment, mark, topic, patient).status == 200
    text = nurse.get(address).text
    assert said in text if said else "read about" not in text
