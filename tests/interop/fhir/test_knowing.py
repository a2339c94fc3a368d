"""Knowing is not onset: what a record brings counts as told by when it was recorded, and an amendment is new."""

from datetime import UTC, datetime
from typing import Any

import pytest

from service.enrollments.store import log
from tests.interop.fhir.place import DIAGNOSIS, SCT, STAGE_1, STAGE_4, SUSPICION, Place, bundle, condition

TODAY = datetime(2026, 8, 5, 12, tzinfo=UTC)
JOINED = datetime(2026, 2, 1, tzinfo=UTC)
OLD = {"recordedDate": "2026-03-02"}
TELL = "Tell the patient"


@pytest.fixture(autouse=True)
def today(clinic: Place) -> None:
    clinic.when = TODAY


def diagnosed(at: str = "2026-03-01", **more: Any) -> dict[str, Any]:
    """A diagnosis with an onset; nothing else says when it was recorded."""
    return {key: value for key, value in condition("c1", DIAGNOSIS, at).items() if key != "recordedDate"} | more


def ingest(clinic: Place, *bundles: dict[str, Any]) -> str:
    """The enrollment after some bundles about a patient who joined by the app."""
    enrollment = clinic.join("p-1", JOINED, "being_checked")
    for sent in bundles:
        assert clinic.ingest(sent).enrollment == enrollment
    return enrollment


def is_held(clinic: Place, enrollment: str) -> bool:
    return any(title == TELL for _, title in clinic.open_tasks(enrollment))


@pytest.mark.parametrize(
    "recorded",
    [
        {"recordedDate": "2026-08-04"},  # case 00
        {"recordedDate": "2026-08-04T09:00:00Z", "meta": {"lastUpdated": "2026-04-01T00:00:00Z"}},
        {"meta": {"lastUpdated": "2026-08-04T15:00:00Z"}},
        {},  # nothing says when: then it is new
        {"recordedDate": "1753-01-01"},
        {"recordedDate": "2026"},
        {"recordedDate": "1970-01-01", "meta": {"lastUpdated": "1970-01-01T00:00:00Z"}},
        {"recordedDate": "1969-12-31T19:00:00-05:00"},
        {"recordedDate": "1900-01-01", "meta": {"lastUpdated": "2026-08-04T00:00:00Z"}},
        {"recordedDate": "9999-12-31"},
        {"recordedDate": "2026-08-06", "meta": {"lastUpdated": "2026-03-02T00:00:00Z"}},
    ],
)
def test_an_old_disease_that_was_recorded_yesterday_is_held(clinic: Place, recorded: dict[str, Any]):
    enrollment = ingest(clinic, bundle(diagnosed(**recorded)))
    assert is_held(clinic, enrollment)
    assert clinic.patient_sees(enrollment) == "suspected"


@pytest.mark.parametrize(
    "recorded",
    [
        OLD,
        {"meta": {"lastUpdated": "2026-03-02T00:00:00Z"}},
        OLD | {"meta": {"lastUpdated": "2026-08-04T00:00:00Z"}},
    ],
)
def test_a_disease_that_was_recorded_long_ago_was_told(clinic: Place, recorded: dict[str, Any]):
    enrollment = ingest(clinic, bundle(diagnosed(**recorded)))
    assert not is_held(clinic, enrollment)
    assert clinic.patient_sees(enrollment) == "work_up.diagnosed"


def test_what_happened_after_it_was_recorded_is_not_told_before_it_happened(clinic: Place):
    assert is_held(clinic, ingest(clinic, bundle(diagnosed("2026-08-01", **OLD))))


def test_a_provisional_diagnosis_that_is_confirmed_now_is_new(clinic: Place):
    provisional = OLD | {"verificationStatus": {"coding": [{"code": "provisional"}]}}
    enrollment = ingest(clinic, bundle(diagnosed(**provisional)), bundle(diagnosed(**OLD)))
    assert is_held(clinic, enrollment)
    assert clinic.patient_sees(enrollment) == "suspected"


@pytest.mark.parametrize("is_told_before", [False, True])
def test_a_diagnosis_whose_day_is_known_only_now_is_new_unless_an_older_version_had_it(
    clinic: Place, is_told_before: bool
):
    versions = [diagnosed("2026-03", **OLD), diagnosed(**OLD)]
    before = [bundle(diagnosed(**OLD))] if is_told_before else []
    assert is_held(clinic, ingest(clinic, *before, *map(bundle, versions))) != is_told_before


def test_a_stage_that_is_amended_under_an_old_date_is_new(clinic: Place):
    first = condition("st", STAGE_1, "2026-03-05", **OLD)
    amended = condition("st", STAGE_4, "2026-03-05", **OLD)
    enrollment = ingest(clinic, bundle(diagnosed(**OLD), first))
    assert not is_held(clinic, enrollment)
    clinic.ingest(bundle(amended))
    assert is_held(clinic, enrollment)
    assert [event.facts["stage_group"] for event in clinic.events(enrollment) if event.type == "stage_reported"] == [
        "IV"
    ]


def test_an_amendment_in_the_bundle_that_brings_the_first_version_is_new_too(clinic: Place):
    first = condition("st", STAGE_1, "2026-03-05", meta={"versionId": "1"}, **OLD)
    amended = condition("st", STAGE_4, "2026-03-05", meta={"versionId": "2"}, **OLD)
    assert is_held(clinic, ingest(clinic, bundle(diagnosed(**OLD), amended, first)))


def test_a_new_version_with_the_same_content_is_not_news(clinic: Place):
    touched = diagnosed(**OLD, meta={"lastUpdated": "2026-08-04T00:00:00Z"}, note=[{"text": "seen"}])
    enrollment = ingest(clinic, bundle(diagnosed(**OLD)), bundle(touched))
    assert not is_held(clinic, enrollment)


@pytest.mark.parametrize("suspected_before", [True, False])
def test_a_patient_who_joins_by_the_bundle_alone_is_not_told_either(clinic: Place, suspected_before: bool):
    suspicion = [condition("s", SUSPICION, "2026-02-01", recordedDate="2026-02-01")] if suspected_before else []
    report = clinic.ingest(bundle(*suspicion, diagnosed(recordedDate="2026-08-04")))
    assert report.enrollment is not None
    assert is_held(clinic, report.enrollment)
    assert clinic.patient_sees(report.enrollment) == "suspected"
    assert report.state["disease"] == "work_up.diagnosed"
    clinic.when = datetime(2027, 1, 1, tzinfo=UTC)  # by now the record is old; how the patient joined stays
    again = clinic.ingest(bundle(*suspicion, diagnosed(recordedDate="2026-08-04")))
    assert (again.enrollment, is_held(clinic, report.enrollment)) == (report.enrollment, True)


def test_a_patient_whose_record_is_old_joins_where_it_says(clinic: Place):
    report = clinic.ingest(bundle(diagnosed(**OLD)))
    assert report.enrollment is not None
    assert clinic.patient_sees(report.enrollment) == "work_up.diagnosed"


def test_an_older_finding_in_a_later_bundle_corrects_where_the_patient_joined(clinic: Place):
    clinic.ingest(bundle(diagnosed(**OLD)))
    report = clinic.ingest(bundle(condition("s", SUSPICION, "2026-01-01")))
    assert report.passed[0] == ("disease.suspected", "2026-01-01")
    assert ("disease.work_up.diagnosed", "2026-03-01") in report.passed
    clinic.when = datetime(2026, 8, 6, tzinfo=UTC)
    before = clinic.everything()
    clinic.ingest(bundle(condition("s", SUSPICION, "2026-01-01"), diagnosed(**OLD)))
    assert clinic.everything()["events"] == before["events"]


def test_a_session_of_yesterday_is_new_whatever_its_code(clinic: Place):
    session = {
        "resourceType": "Procedure",
        "id": "x",
        "status": "completed",
        "code": {"coding": [{"system": SCT, "code": "703423002"}]},
        "subject": {"reference": "Patient/p-1"},
        "performedPeriod": {"start": "2026-03-20"},
        "reasonReference": [{"reference": "Condition/c1"}],
        "meta": {"lastUpdated": "2026-08-04T00:00:00Z"},
    }
    assert is_held(clinic, ingest(clinic, bundle(diagnosed(**OLD), session)))


def test_when_a_patient_joined_does_not_give_news_away(clinic: Place):
    suspicion = condition("s", SUSPICION, "2026-02-01", recordedDate="2026-02-01")
    report = clinic.ingest(bundle(suspicion))
    enrollment = str(report.enrollment)
    news = diagnosed("2026-01-05", recordedDate="2026-08-04")
    clinic.ingest(bundle(news))
    assert is_held(clinic, enrollment)
    for day in (TODAY, datetime(2027, 1, 1, tzinfo=UTC)):
        clinic.when = day
        clinic.ingest(bundle(suspicion, news))
        assert clinic.patient_sees(enrollment) == "suspected"
        with clinic.service.database.reading() as connection:
            arrivals = [entry.arrival for entry in log.read_log(connection, enrollment)]
        assert [event.at_text for event in arrivals if event.type == "enrolled"] == ["2026-02-01"]
