"""Logs of the release before records were kept: their events stay, and are amended and retracted as those of today."""

from journeys.engine import Joining, Report, admit, admit_entry
from journeys.interop.fhir import REPORTER, PatientRecord, changes_of, events_of, open_bundle
from tests.interop.fhir.sample import DIAGNOSED, NOW, SESSION, STAGED, Log, bundle, concept, condition, course, patient

IN_ERROR = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
SLOTS = {
    "suspicion": "Condition/s",
    "diagnosis": "Condition/d",
    "stage": "Condition/st",
    "session": "Procedure/c1",
    "death": "Patient/p-1",
}


def earlier_log(**patient_has: object) -> Log:
    """A log as the last release made it of a course: ids name the resource, and no record was kept."""
    log = Log()
    sent = open_bundle(course(**patient_has))
    record = PatientRecord(sent.patient_ref).with_bundle(sent, log.journey.mapping, NOW)
    ingested = events_of(record, log.journey.mapping, log.plan, now=NOW)
    joins = ingested.enrolling
    assert joins is not None
    joining = Joining(joins.entry, {}, REPORTER, "staff", joins.at, joins.day)
    log.arrivals.append(admit_entry(log.plan, "e", joining, NOW))
    for event in ingested.reports:
        id = f"{SLOTS[event.rule]}/{event.rule}/0123456789ab"
        sent_report = Report(id, event.type, REPORTER, "staff", event.at, event.day, 0, event.facts, event.told)
        log.arrivals.append(admit(log.plan, "e", sent_report, NOW))
    assert changes_of(ingested, log.arrivals).is_empty
    return log


def test_the_same_bundle_changes_nothing():
    log = earlier_log(deceasedDateTime="2021-01-01")
    before = log.state()
    assert log.ingest(course(deceasedDateTime="2021-01-01")) == (0, 0, 5)
    assert log.state() == before


def test_an_amendment_replaces_the_event_and_an_error_retracts_it():
    log = earlier_log()
    assert log.ingest(bundle(STAGED | {"onsetDateTime": "2020-02-11"})) == (1, 0, 0)
    assert [at for at, trigger in log.reported() if trigger == "staged"] == ["2020-02-11"]
    assert log.ingest(bundle(DIAGNOSED | IN_ERROR)) == (0, 1, 1)
    assert [trigger for _, trigger in log.reported()] == ["suspected", "staged", "treated"]


def test_an_amendment_is_new_although_no_record_of_the_first_version_was_kept():
    log = earlier_log()
    assert [event.told for event in log.events if event.type == "staged"] == [True]
    assert log.ingest(bundle(STAGED | {"code": concept("302")})) == (1, 0, 0)
    assert [(event.facts["stage"], event.told) for event in log.events if event.type == "staged"] == [("II", False)]
    again = bundle(STAGED | {"code": concept("302")}, DIAGNOSED)
    assert log.ingest(again) == (0, 0, 2)


def test_what_the_first_bundle_since_then_cannot_resolve_stands():
    log = earlier_log()
    assert log.ingest(bundle(SESSION)) == (0, 0, 0)
    assert len(log.events) == 4
    assert log.ingest(bundle(DIAGNOSED)) == (0, 0, 2)


def test_a_death_stands_until_it_is_denied():
    log = earlier_log(deceasedDateTime="2021-01-01")
    for silent in (patient(), patient(deceasedBoolean=True), patient(deceasedDateTime="2021")):
        log.ingest(bundle(whose=silent))
        assert ("2021-01-01", "deceased") in log.reported()
    log.ingest(bundle(whose=patient(deceasedBoolean=False)))
    assert "deceased" not in dict(map(reversed, log.reported()))


def test_the_beginning_moves_only_to_an_earlier_day():
    log = earlier_log()
    log.ingest(bundle(DIAGNOSED))
    assert log.fold().tracks["disease"] != ()
    assert [event.at_text for event in log.arrivals if event.kind == "enrolled"] == ["2020-01-01T08:00:00Z"]
    log.ingest(bundle(condition("first", "100", "2019-01-01")))
    assert [event.at_text for event in log.arrivals if event.kind == "enrolled"][-1] == "2019-01-01"


def test_what_staff_retracted_stays_retracted():
    log = earlier_log()
    log.retract(next(event for event in log.events if event.type == "staged"))
    assert log.ingest(course()) == (0, 0, 3)
