"""Records of patients who did not join: deleted by a command after some days, and no others with them."""

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, make_url, text

from service.cli import main
from service.interop.forget import DELETED_AT_ONCE, delete_unjoined
from service.platform.database.tables import fhir_records, fhir_sources
from service.publishing.library import Library
from tests.interop.fhir.place import NOW, SUSPICION, Place, bundle, condition

UNMAPPED = "38341003"


def of_patient(patient: str, code: str, id: str = "c") -> dict[str, Any]:
    """A bundle about a patient with one condition."""
    return bundle(condition(id, code, "2020-01-01", subject={"reference": f"Patient/{patient}"}), id=patient)


def records_of(place: Place) -> list[str]:
    """The names of patients of whom there is a record, each record with its sources."""
    with place.service.database.reading() as connection:
        names = connection.scalars(text("SELECT patient_ref FROM fhir_records ORDER BY 1")).all()
        orphans = "SELECT count(*) FROM fhir_sources WHERE record NOT IN (SELECT id FROM fhir_records)"
        assert connection.scalar(text(orphans)) == 0
    return list(names)


def forget(place: Place, days: int) -> str:
    """What the command prints."""
    url = place.service.database.engine.url.render_as_string(hide_password=False)
    done = CliRunner().invoke(main, ["ingest", "forget", "--days", str(days), "--database", url])
    assert done.exit_code == 0, done.output
    return done.output


def fill(place: Place) -> None:
    """Brings bundles of three patients who do not join, of one who does, and of one whom the app enrolls."""
    for patient in ("old", "new"):
        place.ingest(of_patient(patient, UNMAPPED))
    place.ingest({"resourceType": "Bundle", "entry": of_patient("urn", UNMAPPED)["entry"][1:]})
    under_a_uuid = condition("c", UNMAPPED, "2020-01-01", subject={"reference": "urn:uuid:a0"})
    place.ingest({"resourceType": "Bundle", "entry": [{"resource": under_a_uuid}]})
    patient = {"fullUrl": "urn:uuid:a0", "resource": {"resourceType": "Patient", "id": "urn"}}
    place.ingest({"resourceType": "Bundle", "entry": [patient]})
    place.ingest(of_patient("joined", SUSPICION))
    place.ingest(of_patient("enrolled", UNMAPPED))
    place.join("enrolled", NOW, "being_checked")


def check_forgetting(place: Place) -> None:
    """After 30 days the new record stays, and each record of a patient with an enrollment."""
    fill(place)
    assert records_of(place) == ["a0", "enrolled", "joined", "new", "old", "urn"]
    place.when = NOW + timedelta(days=20)
    place.ingest(of_patient("new", UNMAPPED, "another"))
    assert delete_unjoined(place.service, timedelta(days=30)) == 0
    place.when = NOW + timedelta(days=31)
    assert delete_unjoined(place.service, timedelta(days=30)) == 2
    assert records_of(place) == ["enrolled", "joined", "new"]
    place.ingest(of_patient("old", SUSPICION))
    assert records_of(place) == ["enrolled", "joined", "new", "old"]


def test_the_records_of_patients_who_did_not_join_are_deleted_with_their_other_names(clinic: Place):
    check_forgetting(clinic)


@pytest.mark.long
def test_postgresql_deletes_the_same_records(postgres_url: str, library: Library):
    place = Place(postgres_url, library)
    try:
        place.publish()
        with place.service.database.writing() as connection:  # other tests leave records in this database
            connection.execute(delete(fhir_sources))
            connection.execute(delete(fhir_records))
        check_forgetting(place)
    finally:
        place.service.database.close()


def test_the_command_deletes_any_number_of_records_and_says_how_many(clinic: Place):
    count = DELETED_AT_ONCE + 1
    for number in range(count):
        clinic.ingest(of_patient(f"p{number}", UNMAPPED))
    clinic.ingest(of_patient("joined", SUSPICION))
    assert forget(clinic, days=1) == f"{count} records of patients who did not join: deleted.\n"
    assert records_of(clinic) == ["joined"]
    assert forget(clinic, days=1) == "0 records of patients who did not join: deleted.\n"


def test_a_number_of_days_is_required(clinic: Place):
    url = str(make_url(clinic.service.database.engine.url))
    for days in ([], ["--days", "0"]):
        done = CliRunner().invoke(main, ["ingest", "forget", *days, "--database", url])
        assert done.exit_code == 2
        assert "--days" in done.output
