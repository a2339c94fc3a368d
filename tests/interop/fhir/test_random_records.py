"""Random records with versions, deletions, errors, identifiers and deaths: every cut ends as the complete bundle."""

import random
from typing import Any

import pytest

from tests.interop.fhir.sample import (
    JOURNEY,
    MAPPING,
    SUSPECTED,
    Log,
    condition,
    drug,
    made,
    observation,
    patient,
    procedure,
)
from tests.interop.fhir.test_partitions import ingest_all, partition
from tests.interop.fhir.test_record import SITES, deletion, finding

TYPES = {
    "condition": "Condition",
    "procedure": "Procedure",
    "drug": "MedicationRequest",
    "answer": "Observation",
    "finding": "Observation",
}
DATES = ("onsetDateTime", "effectiveDateTime", "authoredOn")
DEATHS: list[dict[str, Any]] = [
    *({}, {"deceasedBoolean": True}, {"deceasedBoolean": False}, {"deceasedDateTime": "2021"}),
    *({"deceasedDateTime": "2021-01-01"}, {"deceasedDateTime": "2021-02-01"}),
]


def meta(number: int) -> dict[str, Any]:
    return {"meta": {"versionId": str(number), "lastUpdated": f"2020-10-{number:02}T00:00:00Z"}}


def random_day(chance: random.Random) -> str:
    return f"2020-{chance.randrange(1, 5):02}-{chance.randrange(1, 6):02}"


def random_resource(chance: random.Random, kind: str, id: str) -> dict[str, Any]:
    day = chance.choice([random_day(chance)] * 5 + ["soon"])
    match kind:
        case "condition":
            code = chance.choice(["100", "200", "301", "302", "999"])
            return condition(id, code, day, recordedDate=random_day(chance))
        case "procedure":
            reason = {"reasonReference": [{"reference": f"Condition/r{chance.randrange(8)}"}]}
            return procedure(id, chance.choice(["400", "500"]), day, day, **reason)
        case "drug":
            return drug(id, day)
        case "answer":
            return observation(id, day, chance.choice(["701", "702", "999"]))
        case _:
            return finding(id, day, *chance.sample(["801", "802", "803"], chance.randrange(1, 3)))


def random_history(chance: random.Random, id: str) -> list[dict[str, Any]]:
    """The entries of all versions of one resource."""
    kind = chance.choice(sorted(TYPES))
    entries: list[dict[str, Any]] = []
    for number in range(1, chance.randrange(2, 8)):
        if number > 1 and chance.random() < 0.15:
            entries.append(deletion(f"{TYPES[kind]}/{id}", f"2020-10-{number:02}T00:00:00Z"))
            continue
        resource = random_resource(chance, kind, id) | meta(number)
        if chance.random() < 0.1:
            resource |= {"status": "entered-in-error", "verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
        if chance.random() < 0.2:
            resource |= {"identifier": [{"system": "urn:clinic", "value": f"{kind} {id}"}]}
        resource = random_defect(chance, resource)
        if kind == "procedure" and chance.random() < 0.3:
            reason = f"Condition?identifier=urn:clinic|condition r{chance.randrange(8)}"
            resource |= {"reasonReference": [{"reference": reason}]}
        entry = {"resource": resource} | ({"fullUrl": f"urn:uuid:{id}"} if chance.random() < 0.5 else {})
        entries.append(answered(entry) if chance.random() < 0.3 else entry)
    return entries


def random_defect(chance: random.Random, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource, or a version of it that a reader must not take at its word."""
    match chance.randrange(12):
        case 0:
            return resource | {"doNotPerform": True}
        case 1:
            return resource | {"subject": {"display": "somebody"}}
        case 2:
            date = chance.choice(["2020", "1900-01-01", "9999-12-31"])
            return resource | {name: date for name in DATES if name in resource}
        case 3:
            left_out = chance.sample(["code", "subject", *DATES, "performedPeriod"], 3)
            tag = {"tag": [{"code": "SUBSETTED"}]}
            rest = {name: value for name, value in resource.items() if name not in left_out}
            return rest | {"meta": resource["meta"] | tag}
        case _:
            return resource


def answered(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry of a history whose answer says which version it is, not the resource."""
    meta = dict(entry["resource"]["meta"])
    response = {"lastModified": meta.pop("lastUpdated"), "etag": f'W/"{meta.pop("versionId")}"'}
    return entry | {"resource": entry["resource"] | {"meta": meta}, "response": response}


def random_record(chance: random.Random) -> list[dict[str, Any]]:
    histories = [random_history(chance, f"r{number}") for number in range(8)]
    patients = [patient(**meta(number), **chance.choice(DEATHS)) for number in range(1, chance.randrange(2, 8))]
    entries = [entry for history in histories for entry in history]
    return [{"resource": SUSPECTED}, *entries, *({"fullUrl": "urn:uuid:pp", "resource": whose} for whose in patients)]


def ending(log: Log) -> tuple[Any, ...]:
    """What a log says and folds to; an event that was retracted meanwhile and came back has another id."""
    state = log.fold()
    events = sorted((event.at_text, event.type, repr(sorted(event.facts.items())), event.told) for event in log.events)
    tracks = {track: [(stay.state, stay.since) for stay in stays] for track, stays in state.tracks.items()}
    facts = {name: (fact.value, fact.at) for name, fact in state.facts.items()}
    return events, tracks, facts, state.ended and state.ended.at


def assert_cuts_end_as_the_complete_bundle(seed: int) -> None:
    journey, chance = made(JOURNEY.decode(), MAPPING + SITES), random.Random(seed)
    entries = random_record(chance)
    complete = ending(ingest_all([entries], journey))
    for _ in range(3):
        assert ending(ingest_all(partition(entries, chance, 15), journey)) == complete


@pytest.mark.parametrize("seed", range(6))
def test_random_cuts_of_random_records(seed: int):
    assert_cuts_end_as_the_complete_bundle(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 300))
def test_more_random_cuts_of_random_records(seed: int):
    assert_cuts_end_as_the_complete_bundle(seed)
