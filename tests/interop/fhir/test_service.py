"""Ingesting into a database: who joins when, what a second run does, errors and amendments, the real bundles."""

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from journeys.engine import Event
from journeys.engine.fold import Fold
from journeys.primitives.errors import CallerError, NotABundle
from service.access.caller import Caller
from service.enrollments.content import ContentOptions
from service.enrollments.read import read_content
from service.enrollments.store import enrollments
from service.interop.fhir import ingest_bundle
from service.interop.rehearsal import Rehearsal
from service.publishing.library import Library
from tests.interop.fhir.place import (
    DIAGNOSIS,
    NAMES,
    NOW,
    SCT,
    STAGE_1,
    STAGE_2,
    SUSPICION,
    Place,
    bundle,
    condition,
)

SUSPECTED = condition("s", SUSPICION, "2020-01-01T08:00:00Z")
DIAGNOSED = condition("d", DIAGNOSIS, "2020-02-01T08:00:00Z")
STAGED = condition("st", STAGE_1, "2020-02-10T08:00:00Z")


# --- made-up bundles -------------------------------------------------------------------------------------------


def test_the_patient_joins_when_it_began(clinic: Place):
    report = clinic.ingest(bundle(SUSPECTED, DIAGNOSED, STAGED))
    assert [passed for passed in report.passed if passed[0].startswith("disease.")] == [
        ("disease.suspected", "2020-01-01T08:00:00Z"),
        ("disease.work_up.diagnosed", "2020-02-01T08:00:00Z"),
        ("disease.work_up.treatment_planning", "2020-02-10T08:00:00Z"),
    ]
    assert report.state["disease"] == "work_up.treatment_planning"
    assert report.outcomes == {"advanced": 2, "waiting": 0, "stayed": 1, "ignored": 0}
    assert b'"stage_group":{"at":"2020-02-10T08:00:00Z","by":"staff","event":"' in clinic.state(str(report.enrollment))


def test_the_line_of_a_report_has_the_fields_of_the_contract(clinic: Place):
    line = clinic.ingest(bundle(SUSPECTED)).as_dict()
    assert list(line) == [
        *("file", "enrollment", "read", "mapped", "unmapped", "duplicates", "after_end", "outcomes", "passed", "state"),
    ]
    assert json.loads(json.dumps(line)) == line


def test_nobody_joins_where_nothing_says_so(clinic: Place):
    report = clinic.ingest(bundle(condition("x", "38341003", "2020-01-01")))
    assert (report.enrollment, report.read, report.mapped, report.unmapped) == (None, 2, 0, 2)
    assert clinic.everything()["enrollments"] == []


def test_what_was_new_stays_held_and_what_is_old_was_told(clinic: Place):
    clinic.when = datetime(2020, 2, 12, tzinfo=UTC)
    clinic.ingest(bundle(SUSPECTED, DIAGNOSED, STAGED))
    assert [row for row in clinic.everything()["tasks"] if "tell" in row] != []
    clinic.when = NOW
    assert clinic.ingest(bundle(SUSPECTED, DIAGNOSED, STAGED, id="p-1")).outcomes["ignored"] == 0
    clinic.ingest(json.loads(json.dumps(bundle(SUSPECTED, DIAGNOSED, STAGED)).replace("p-1", "p-2")))
    with clinic.service.database.reading() as connection:
        first, two = enrollments.list_all(connection, "", 9)
    assert first.enrollment.told.open != ()
    assert two.enrollment.told.open == ()


def test_entered_in_error_and_amended_reach_the_state(clinic: Place):
    clinic.ingest(bundle(SUSPECTED, DIAGNOSED, STAGED))
    amended = clinic.ingest(bundle(STAGED | {"code": {"coding": [{"system": SCT, "code": STAGE_2}]}}))
    assert b'"value":"II"' in clinic.state(str(amended.enrollment))
    wrong = DIAGNOSED | {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    after = clinic.ingest(bundle(wrong))
    assert "disease.work_up.diagnosed" not in [state for state, at in after.passed if at == "2020-02-01T08:00:00Z"]
    before = clinic.everything()
    assert clinic.ingest(bundle(wrong)).passed == after.passed
    assert clinic.everything() == before


def test_a_death_that_is_known_later_ends_it(clinic: Place):
    clinic.ingest(bundle(SUSPECTED))
    later = condition("d", DIAGNOSIS, "2021-06-01")
    report = clinic.ingest(bundle(SUSPECTED, later, deceasedDateTime="2021-05-01T00:00:00Z"))
    assert report.passed[-1] == ("deceased", "2021-05-01T00:00:00Z")
    assert (report.after_end, report.outcomes["ignored"]) == (1, 1)


def test_nothing_is_sent_about_the_dead(clinic: Place):
    clinic.ingest(bundle(SUSPECTED, DIAGNOSED, STAGED, deceasedDateTime="2021-05-01"))
    stored = clinic.everything()
    assert stored["reminders"] == []
    assert [row for row in stored["tasks"] if "open" in row] == []


def test_a_patient_enrolled_by_an_app_is_not_enrolled_again(clinic: Place):
    first = clinic.ingest(bundle(SUSPECTED))
    with clinic.service.database.writing() as connection:
        connection.execute(text("UPDATE enrollments SET key = 'first'"))
    assert clinic.ingest(bundle(SUSPECTED, DIAGNOSED)).enrollment == first.enrollment


def test_a_record_of_the_years_before_an_app_enrolled_the_patient_makes_no_scan_due(clinic: Place):
    clinic.when = datetime(2026, 8, 5, tzinfo=UTC)
    enrollment = clinic.join("p-1", datetime(2026, 8, 1, tzinfo=UTC), "in_follow_up")
    before = clinic.open_tasks(enrollment)
    report = clinic.ingest(bundle(SUSPECTED))
    assert (report.enrollment, report.mapped, report.outcomes["ignored"]) == (enrollment, 1, 1)
    assert report.state["scans"] == "next_in_6_months"
    assert clinic.open_tasks(enrollment) == before


@pytest.mark.parametrize(
    ("code", "locale", "served"),
    [
        *(("es-419", "es-419", "es"), ("ES", "es", "es"), ("es_MX", "es-MX", "es"), ("spa", "es", "es")),
        *(("es-ES-u-co-trad", "es-ES-u-co-trad", "es"), ("fr-CA", "fr-CA", "en")),
    ],
)
def test_a_patient_joins_in_the_language_of_the_record(clinic: Place, code: str, locale: str, served: str):
    language = {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}
    report = clinic.ingest(bundle(SUSPECTED, communication=[{"language": language, "preferred": True}]))
    with clinic.service.database.reading() as connection:
        stored = enrollments.load(connection, str(report.enrollment))
    assert stored is not None
    patient = Caller("", "patient", frozenset({"patient"}), "patient", patient_ref="p-1")
    shown = read_content(clinic.service, patient, stored.id, ContentOptions())
    assert (stored.locale, shown.locale) == (locale, served)


@pytest.mark.parametrize(("zone", "joined_at"), [("Pacific/Auckland", "2026-08-05T20:00:00Z"), ("UTC", None)])
def test_a_day_that_has_begun_where_the_patient_lives_counts_as_its_arrival(
    clinic: Place, zone: str, joined_at: str | None
):
    clinic.when = datetime(2026, 8, 5, 20, tzinfo=UTC)
    sent = json.dumps(bundle(condition("s", SUSPICION, "2026-08-06"))).encode()
    rehearsed = Rehearsal(clinic.service, clinic.mapping, zone).ingest(sent, file="bundle.json")
    joined = ingest_bundle(
        clinic.service, clinic.mapping, sent, file="bundle.json", programme="riverside", time_zone=zone
    )
    assert rehearsed.passed == joined.passed
    assert (joined.passed[0] if joined.passed else None) == (joined_at and ("disease.suspected", joined_at))
    if joined_at is not None:
        clinic.when = datetime(2026, 8, 5, 21, tzinfo=UTC)
        before = clinic.everything()
        assert clinic.ingest(sent).passed == joined.passed
        assert clinic.everything()["events"] == before["events"]
        assert clinic.ingest(bundle(deceasedDateTime="2026-08-06")).passed[-1] == ("deceased", "2026-08-05T21:00:00Z")


def test_late_resources_of_a_bundle_cost_in_proportion_to_their_number(clinic: Place, monkeypatch: pytest.MonkeyPatch):
    """They are folded together; one by one, twice as many would cost four times as much."""
    folded, apply_all = list[int](), Fold.apply_all

    def spy(fold: Fold, events: Iterable[Event], *arguments: Any, **options: Any) -> None:
        folded.append(len(events := list(events)))
        apply_all(fold, events, *arguments, **options)

    monkeypatch.setattr(Fold, "apply_all", spy)
    costs = []
    for count in (20, 40):
        last, *late = [condition(f"s{number}", SUSPICION, f"2020-01-01T10:{number:02}:00Z") for number in range(count)]
        last |= {"onsetDateTime": "2020-05-01"}
        sent = json.dumps([bundle(SUSPECTED, last), bundle(*late)]).replace("p-1", f"q-{count}")
        first, second = json.loads(sent)
        clinic.ingest(first)
        folded.clear()
        assert clinic.ingest(second).mapped == count - 1
        costs.append(sum(folded))
    assert costs[1] < 3 * costs[0], costs


def test_nothing_of_who_the_patient_is_is_stored(clinic: Place):
    clinic.ingest(bundle(SUSPECTED, address=[{"city": "Secretville"}], telecom=[{"value": "Secret"}]))
    assert "ecret" not in repr(clinic.everything())


@pytest.mark.parametrize("data", [b"", b"nonsense", b"{}", b'{"resourceType": "Bundle"}', b"\xff"])
def test_what_is_no_bundle_is_refused_and_nothing_is_stored(clinic: Place, data: bytes):
    with pytest.raises(NotABundle) as refused:
        clinic.ingest(data)
    assert isinstance(refused.value, CallerError)
    assert clinic.everything()["enrollments"] == []


# --- the bundles that nobody on this project wrote -------------------------------------------------------------


@pytest.fixture(scope="module")
def dates_of(shared_data: Path) -> Callable[[str], dict[str, str]]:
    """When what a trace calls suspicion, diagnosis, stage, first treatment and death was."""

    def read(name: str) -> dict[str, str]:
        lines = next((shared_data / "traces").glob(f"{name}_*.jsonl")).read_text().splitlines()
        values: dict[str, str] = {}
        for row in map(json.loads, lines):
            kind = {SUSPICION: "suspicion", DIAGNOSIS: "diagnosis", STAGE_1: "stage", "703423002": "treatment"}.get(
                row["code"]
            )
            if row["type"] in ("Condition", "Procedure", "Patient") and row["event"] in ("start", "deceased"):
                values.setdefault("death" if row["type"] == "Patient" else kind or "", row["at"].replace("+00:00", "Z"))
        return values

    return read


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if number else ()) for number, name in enumerate(NAMES)]
)
def test_the_course_is_passed_at_the_dates_in_the_traces(
    clinic: Place, name: str, bundle_of: Callable[[str], bytes], dates_of: Callable[[str], dict[str, str]]
):
    report, dates = clinic.ingest(bundle_of(name)), dates_of(name)
    disease = [advance for advance in report.passed if advance[0].startswith(("disease.", "deceased"))]
    assert disease == [
        ("disease.suspected", dates["suspicion"]),
        ("disease.work_up.diagnosed", dates["diagnosis"]),
        ("disease.work_up.staging", dates["stage"]),
        ("disease.work_up.treatment_planning", dates["stage"]),
        ("disease.treatment.chemoradiation", dates["treatment"]),
        ("deceased", dates["death"]),
    ]
    assert report.read == report.mapped + report.unmapped + report.duplicates
    assert report.after_end == 3
    state = json.loads(clinic.state(str(report.enrollment)))
    assert state["facts"]["stage_group"]["value"] == "I"
    before = clinic.everything()
    assert clinic.ingest(bundle_of(name)).as_dict() == report.as_dict()
    shuffled = json.loads(bundle_of(name))
    random.Random(4).shuffle(shuffled["entry"])
    assert clinic.ingest(shuffled).as_dict() == report.as_dict()
    assert clinic.everything() == before


def test_a_bundle_about_another_disease_enrolls_nobody(clinic: Place, bundle_of: Callable[[str], bytes]):
    assert clinic.ingest(bundle_of("Renato_Dare")).enrollment is None


@pytest.mark.long
def test_it_is_the_same_on_postgresql(postgres_url: str, library: Library, clinic: Place):
    on_postgresql = Place(postgres_url, library)
    on_postgresql.publish()
    sent = bundle(SUSPECTED, DIAGNOSED, STAGED, deceasedDateTime="2021-05-01")
    assert clinic.ingest(sent).as_dict() | {"enrollment": ""} == on_postgresql.ingest(sent).as_dict() | {
        "enrollment": ""
    }
    before = on_postgresql.everything()
    on_postgresql.ingest(sent)
    assert on_postgresql.everything() == before
    on_postgresql.service.database.close()
