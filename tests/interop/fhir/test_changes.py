"""What a bundle changes in a log: nothing twice, amendments replace, errors take back, people have the last word."""

import random
from datetime import UTC, datetime

from journeys.engine import Event, Retraction
from tests.interop.fhir.sample import (
    DIAGNOSED,
    SESSION,
    STAGED,
    SUSPECTED,
    Log,
    bundle,
    condition,
    course,
    patient,
    procedure,
)

IN_ERROR = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}


def ingested(*bundles: dict) -> Log:
    log = Log()
    for sent in bundles:
        log.ingest(sent)
    return log


def test_a_second_run_changes_nothing():
    log = ingested(course())
    before = log.state()
    assert log.ingest(course()) == (0, 0, 4)
    assert log.ingest(course(), now=datetime(2027, 1, 1, tzinfo=UTC)) == (0, 0, 4)
    assert log.state() == before


def test_twenty_shuffles_give_the_same_state():
    sent = course(deceasedDateTime="2021-01-01")
    sent["entry"] += [{"resource": DIAGNOSED | {"id": f"d{number}"}} for number in range(3)]
    first = ingested(sent).state()
    chance = random.Random(2)
    for _ in range(20):
        chance.shuffle(sent["entry"])
        assert ingested(sent).state() == first


def test_in_parts_and_in_any_order_gives_the_same_state():
    parts = [bundle(SUSPECTED), bundle(DIAGNOSED), bundle(STAGED), bundle(DIAGNOSED, SESSION)]
    complete = ingested(course())
    chance = random.Random(3)
    for _ in range(10):
        rest = parts[1:]
        chance.shuffle(rest)
        log = ingested(parts[0], *rest)
        assert log.reported() == complete.reported()
        assert log.state() == complete.state()


def test_entered_in_error_takes_back_what_the_resource_reported():
    log = ingested(course(), bundle(DIAGNOSED | IN_ERROR))
    assert [trigger for _, trigger in log.reported()] == ["suspected", "staged", "treated"]
    assert log.ingest(bundle(DIAGNOSED | IN_ERROR)) == (0, 0, 3)


def test_entered_in_error_takes_back_even_where_the_code_is_gone():
    log = ingested(course(), bundle({key: value for key, value in (DIAGNOSED | IN_ERROR).items() if key != "code"}))
    assert "diagnosed" not in dict(map(reversed, log.reported()))


def test_a_diagnosis_that_is_refuted_later_is_taken_back():
    log = ingested(course(), bundle(DIAGNOSED | {"verificationStatus": {"coding": [{"code": "refuted"}]}}))
    assert [trigger for _, trigger in log.reported()] == ["suspected", "staged", "treated"]


def test_what_was_wrongly_marked_as_an_error_comes_back():
    log = ingested(course(), bundle(DIAGNOSED | IN_ERROR), course(), course())
    assert log.reported() == ingested(course()).reported()
    assert len(log.events) == 4


def test_an_amended_resource_replaces_its_event():
    amended = bundle(STAGED | {"code": condition("x", "302", "2020-02-10")["code"]})
    log = ingested(course())
    assert log.ingest(amended) == (1, 0, 3)
    assert [dict(event.facts)["stage"] for event in log.events if event.type == "staged"] == ["II"]
    assert log.ingest(amended) == (0, 0, 4)


def test_amended_back_and_forth_follows_every_time():
    log, other = Log(), bundle(STAGED | {"onsetDateTime": "2020-02-11"}, SUSPECTED)
    for sent, day in ((course(), "10"), (other, "11"), (course(), "10"), (other, "11"), (other, "11")):
        log.ingest(sent)
        assert [at for at, trigger in log.reported() if trigger == "staged"] == [f"2020-02-{day}"]


def test_a_change_that_does_not_matter_changes_nothing():
    log = ingested(course())
    touched = STAGED | {
        "meta": {"versionId": "9"},
        "note": [{"text": "seen"}],
        "encounter": {"reference": "Encounter/1"},
    }
    assert log.ingest(bundle(SUSPECTED, touched)) == (0, 0, 4)


def test_a_version_that_cannot_be_read_takes_nothing_back():
    log = ingested(course())
    assert log.ingest(bundle(STAGED | {"onsetDateTime": "soon"})) == (0, 0, 4)
    assert log.ingest(bundle(SUSPECTED, whose=patient(deceasedDateTime="1753-01-01"))) == (0, 0, 4)


def test_what_a_bundle_does_not_hold_stays():
    log = ingested(course())
    assert log.ingest(bundle()) == (0, 0, 4)
    assert len(log.events) == 4


def test_a_death_that_was_recorded_wrongly_is_taken_back():
    log = ingested(course(deceasedDateTime="2021-01-01"))
    assert log.ingest(course(deceasedBoolean=False)) == (0, 1, 4)
    assert log.leaf() == "treatment"


def test_a_duplicate_steps_in_when_the_first_was_in_error():
    both = bundle(SUSPECTED, DIAGNOSED, DIAGNOSED | {"id": "d2"})
    log = ingested(both)
    assert log.ingest(bundle(DIAGNOSED | IN_ERROR, DIAGNOSED | {"id": "d2"})) == (0, 0, 2)
    assert log.ingest(bundle(DIAGNOSED | {"id": "d2"} | IN_ERROR)) == (0, 1, 1)


def test_a_duplicate_with_a_smaller_id_changes_nothing():
    log = ingested(course())
    sent = course()
    sent["entry"].append({"resource": DIAGNOSED | {"id": "a"}})
    assert log.ingest(sent) == (0, 0, 4)
    assert log.ingest(bundle(SUSPECTED, DIAGNOSED | {"id": "a"}, DIAGNOSED)) == (0, 0, 4)


def test_what_a_person_took_back_stays_so():
    log = ingested(course())
    log.retract(next(event for event in log.events if event.type == "staged"))
    assert log.ingest(course()) == (0, 0, 3)
    assert log.ingest(bundle(STAGED | {"onsetDateTime": "2020-02-12"})) == (1, 0, 3)


def test_after_death_is_reported_and_ignored():
    sent = course(deceasedDateTime="2020-02-20")
    log = ingested(sent)
    assert ("2020-03-01T07:00:00Z", "treated") in log.reported()
    assert b'"ended":{' in log.state()
    assert log.leaf() == "planned"


def test_ids_are_short_and_say_nothing_but_the_rule():
    log = ingested(bundle(condition("x" * 64, "100", "2020-01-01"), procedure("o", "500", "2020-02-01", "2020-02-01")))
    assert all(len(event.id) < 200 for event in log.events)
    assert [event.id.partition("/")[0] for event in log.events] == ["suspicion", "operation"]


def test_what_an_amended_resource_said_before_does_not_come_back_with_its_deletion():
    log = Log()
    for day in ("10", "11", "12"):
        log.ingest(bundle(STAGED | {"onsetDateTime": f"2020-02-{day}"}, SUSPECTED))
    log.ingest(bundle(STAGED | IN_ERROR, SUSPECTED))
    assert [trigger for _, trigger in log.reported() if trigger == "staged"] == []
    retracted = [arrival.uid for arrival in log.arrivals if isinstance(arrival, Retraction)]
    staged = [arrival.uid for arrival in log.arrivals if isinstance(arrival, Event) and arrival.type == "staged"]
    assert retracted == staged  # the first version first


def test_an_amendment_that_a_person_took_back_leaves_the_first_version_until_the_resource_changes():
    log = Log()
    for day in ("10", "11"):
        log.ingest(bundle(STAGED | {"onsetDateTime": f"2020-02-{day}"}, SUSPECTED))
    log.retract(next(event for event in log.events if event.type == "staged"))
    assert [at for at, trigger in log.reported() if trigger == "staged"] == ["2020-02-10"]
    log.ingest(bundle(STAGED | {"onsetDateTime": "2020-02-11"}, SUSPECTED))
    assert [at for at, trigger in log.reported() if trigger == "staged"] == ["2020-02-10"]
    log.ingest(bundle(STAGED | {"onsetDateTime": "2020-02-12"}, SUSPECTED))
    assert [at for at, trigger in log.reported() if trigger == "staged"] == ["2020-02-12"]
