"""`journeys ingest fhir`: dry runs store nothing and say what a run would, and every entry is explained."""

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from journeys.primitives.errors import Refused
from service.cli import main
from service.demo.reviewers import publish_signed
from service.interop.fhir import ingest_bundle
from service.interop.rehearsal import Rehearsal
from service.operations.verify import verify_all
from service.platform.clock import new_id, new_secret
from service.platform.database import open_database, upgrade
from service.publishing.library import Library
from service.publishing.service import Service
from tests.folders import SAMPLES
from tests.interop.fhir.place import DIAGNOSIS, SCT, STAGE_1, STAGE_2, SUSPICION, Place, bundle, condition
from tests.once import made_once

FILES = ["--definitions", str(SAMPLES / "definitions"), "--content", str(SAMPLES / "content")]
FOLLOW_UP = """
journey: follow_up
systems: {snomed: http://snomed.info/sct}
enroll:
  scan: {entry: in_follow_up}
rules:
  scan:
    resource: Procedure
    system: snomed
    codes: ["1"]
    status: [completed]
    at: [end, start]
    trigger: scan_done
    facts:
      last_scan_on: {date: end}
"""


def scan(uuid: str, day: str, **more: Any) -> dict[str, Any]:
    """An entry of a transaction about a scan without an id (case 13)."""
    resource = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"coding": [{"system": SCT, "code": "1"}]},
        "subject": {"reference": "urn:uuid:a0"},
        "performedPeriod": {"start": day, "end": day},
    }
    return {"fullUrl": f"urn:uuid:{uuid}", "resource": resource | more}


PATIENT = {"fullUrl": "urn:uuid:a0", "resource": {"resourceType": "Patient", "id": "f"}}


def published(file: Path) -> None:
    """Writes a database in which the sample journey is published and signed."""
    opened = open_database(f"sqlite:///{file}")
    upgrade(opened)
    service = Service(opened, lambda: datetime.now(UTC), new_id, new_secret, Library())
    done = publish_signed(service, SAMPLES / "definitions", SAMPLES / "content")
    opened.close()
    assert done.is_done, done.problems


class Desk:
    """The command line on a database with the sample journey."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder}/journeys.db"
        self.mapping = folder / "follow_up.fhir.yaml"
        self.mapping.write_text(FOLLOW_UP)
        shutil.copy(made_once("follow-up.db", published), folder / "journeys.db")
        self.count = 0

    def run(self, *arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, [*arguments, "--database", self.database])
        assert done.exit_code == code, done.output
        return done.output

    def ingest(self, entries: list[dict[str, Any]], *options: str, code: int = 0) -> list[dict[str, Any]]:
        self.count += 1
        file = self.folder / f"{self.count}.json"
        file.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
        output = self.run(
            "ingest", "fhir", str(file), "--mapping", str(self.mapping), *FILES, "--format", "json", *options, code=code
        )
        return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_same_export_twice_changes_nothing_and_an_amendment_under_its_identifier_replaces(desk: Desk):
    named = {"identifier": [{"system": "urn:clinic", "value": "7"}]}
    (first,) = desk.ingest([PATIENT, scan("11", "2026-05-01", **named)])
    assert first["outcomes"]["advanced"] + first["outcomes"]["stayed"] == 1
    (dry,) = desk.ingest([PATIENT, scan("22", "2026-05-01", **named)], "--dry-run")
    assert dry["dry_run"] == {"new": 0, "replaced": 0, "retracted": 0}
    amended = [PATIENT, scan("33", "2026-05-02", **named)]
    (dry,) = desk.ingest(amended, "--dry-run")
    assert dry["dry_run"] == {"new": 0, "replaced": 1, "retracted": 0}
    (done,) = desk.ingest(amended)
    assert done["passed"] == dry["passed"]
    desk.run("verify")


@pytest.mark.parametrize("placeholder", ["1753-01-01", "1800-01-01", "1899-12-30", "0001-01-01T00:00:00Z"])
def test_a_placeholder_stops_nothing_that_a_record_says_after_it(desk: Desk, placeholder: str):
    """Neither the joining in a first bundle, nor what is reported in a second one."""
    known, later = scan("11", "2025-05-01", id="p"), scan("33", "2025-07-01", id="r")
    unknown = scan("22", "", id="q", performedPeriod={"end": placeholder})
    (joined,) = desk.ingest([PATIENT, unknown, known])
    assert (joined["enrollment"] is not None, joined["mapped"], joined["unmapped"]) == (True, 1, 2)
    (report,) = desk.ingest([PATIENT, known, unknown, later])
    assert (report["enrollment"], report["mapped"], report["unmapped"]) == (joined["enrollment"], 2, 2)
    waiting = "disease.surveillance.waiting_for_result"
    assert [passed["at"] for passed in report["passed"] if passed["state"] == waiting] == ["2025-05-01", "2025-07-01"]


def test_an_unknown_time_zone_is_refused_before_anything_is_read(desk: Desk):
    output = desk.run("ingest", "fhir", str(desk.mapping), "--time-zone", "Mars/Olympus", code=2)
    assert "not an IANA time zone" in output


def test_a_bundle_that_names_the_patient_by_a_urn_may_come_before_the_patient(desk: Desk):
    (early,) = desk.ingest([scan("11", "2026-05-01")], "--explain")
    assert early["enrollment"] is None
    first = [str(desk.folder / "1.json"), "--mapping", str(desk.mapping), *FILES]
    assert "nobody joins before the Patient arrives" in desk.run("ingest", "fhir", *first)
    (joined,) = desk.ingest([PATIENT])
    assert joined["enrollment"] is not None
    assert joined["passed"][0]["at"] == "2026-05-01"
    (later,) = desk.ingest([scan("12", "2026-06-01")])
    assert later["enrollment"] == joined["enrollment"]
    assert sum(later["outcomes"].values()) == 1
    desk.run("verify")


def test_a_dry_run_joins_what_came_under_the_urn_of_the_patient(desk: Desk):
    sent = [[scan("11", "2026-05-01")], [PATIENT], [scan("12", "2026-06-01")]]
    for entries in sent:
        desk.ingest(entries, "--dry-run")
    files = [str(desk.folder / f"{number}.json") for number in (1, 2, 3)]
    options = ["--mapping", str(desk.mapping), *FILES, "--format", "json"]
    dry = desk.run("ingest", "fhir", *files, *options, "--dry-run")
    (early,) = desk.ingest(sent[0])
    assert early["enrollment"] is None
    (joins,) = desk.ingest(sent[1], "--dry-run")
    done = [early, *(desk.ingest(entries)[0] for entries in sent[1:])]
    assert [json.loads(line)["passed"] for line in dry.splitlines()] == [report["passed"] for report in done]
    assert joins["passed"] == done[1]["passed"] != []


def test_a_bundle_that_names_nobody_needs_a_patient(desk: Desk):
    desk.ingest([PATIENT, scan("11", "2026-05-01", id="p")])
    deletion = [{"request": {"method": "DELETE", "url": "Procedure/p"}}]
    desk.ingest(deletion, code=1)
    (deleted,) = desk.ingest(deletion, "--patient", "f", "--explain")
    assert deleted["entries"] == [
        {
            "resource": "Procedure/p",
            "code": "deleted",
            "reason": "It was deleted; what it reported is retracted.",
        }
    ]


def test_every_entry_is_explained_also_in_a_dry_run(desk: Desk):
    entries: list[Any] = [
        PATIENT,
        scan("1", "2026-05-01", id="good"),
        scan("2", "2026-05-01", id="twin"),
        scan("3", "soon", id="unreadable"),
        scan("4", "2999-01-01", id="future"),
        scan("5", "2026-05-03", id="status", status="not-done"),
        scan("6", "2026-05-03", id="code", code={"coding": [{"system": SCT, "code": "2"}]}),
        scan("7", "2026-05-03", id="whose", subject={"reference": "Patient/other"}),
        5,
    ]
    (dry,) = desk.ingest(entries, "--dry-run", "--explain")
    (done,) = desk.ingest(entries, "--explain")
    assert dry["entries"] == done["entries"]
    assert {entry["resource"]: entry["code"] for entry in done["entries"]} == {
        "": "malformed",
        "Patient/f": "no_death",
        "Procedure/good": "reported",
        "Procedure/twin": "duplicate",
        "Procedure/unreadable": "date_unreadable",
        "Procedure/future": "in_the_future",
        "Procedure/status": "another_status",
        "Procedure/code": "no_rule",
        "Procedure/whose": "another_patient",
    }
    assert len(done["entries"]) == done["read"]
    text = desk.run("ingest", "fhir", str(desk.folder / "1.json"), "--mapping", str(desk.mapping), *FILES, "--explain")
    assert "Procedure/future  in_the_future  Its date is in the future; it counts once" in text


@pytest.mark.parametrize("option", [[], ["--dry-run"]])
def test_a_file_without_an_end_is_refused(desk: Desk, option: list[str]):
    output = desk.run("ingest", "fhir", "/dev/zero", "--mapping", str(desk.mapping), *FILES, *option, code=1)
    assert "zero: This is not a regular file" in output


def test_a_dry_run_of_a_journey_that_is_not_published_says_so(tmp_path: Path):
    database = f"sqlite:///{tmp_path}/empty.db"
    CliRunner().invoke(main, ["db", "upgrade", "--database", database])
    file = tmp_path / "1.json"
    file.write_text(json.dumps(bundle()))
    done = CliRunner().invoke(
        main, ["ingest", "fhir", str(file), "--journey", "nsclc", "--dry-run", "--database", database]
    )
    assert (done.exit_code, "dry run" in done.output) == (2, True)


# --- rehearsals and runs ---------------------------------------------------------------------------------------

REASON = {"reasonReference": [{"reference": "Condition/d"}]}


def session(id: str, at: str) -> dict[str, Any]:
    code = {"coding": [{"system": SCT, "code": "703423002"}]}
    subject = {"reference": "Patient/p-1"}
    base = {"resourceType": "Procedure", "id": id, "status": "completed", "code": code, "subject": subject}
    return base | REASON | {"performedPeriod": {"start": at}}


RESOURCES = [
    condition("s", SUSPICION, "2020-01-01T08:00:00Z"),
    condition("d", DIAGNOSIS, "2020-02-01T08:00:00Z"),
    condition("st", STAGE_1, "2020-02-10", meta={"versionId": "1"}),
    condition("st", STAGE_2, "2020-02-10", meta={"versionId": "2"}),
    *(session(f"c{number}", f"2020-03-0{number}T08:00:00Z") for number in range(1, 5)),
    session("twin", "2020-03-01T08:00:00Z"),
]


def pieces(seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    whose = bundle(deceasedDateTime="2021-05-01")["entry"]
    entries = [*whose, *({"resource": resource} for resource in [*RESOURCES, *chance.sample(RESOURCES, 2)])]
    chance.shuffle(entries)
    cuts = sorted(chance.sample(range(1, len(entries)), 4))
    return [
        {"resourceType": "Bundle", "entry": entries[begin:end]}
        for begin, end in zip([0, *cuts], [*cuts, len(entries)], strict=True)
    ]


def ended(clinic: Place, sent: list[dict[str, Any]]) -> tuple[Any, ...]:
    """The active events, the passed states and the facts after some bundles, in a database of their own."""
    report = [clinic.ingest(piece) for piece in sent][-1]
    enrollment = str(report.enrollment)
    assert list(verify_all(clinic.service)) == []
    events = [(event.id, event.at_text, dict(event.facts), event.told) for event in clinic.events(enrollment)]
    return events, report.passed, report.state, clinic.open_tasks(enrollment)


@pytest.mark.long
def test_random_pieces_end_as_the_complete_bundle_and_verify(clinic: Place):
    complete = ended(
        clinic, [{"resourceType": "Bundle", "entry": [*chain.from_iterable(piece["entry"] for piece in pieces(0))]}]
    )
    assert len(complete[0]) == 8
    for seed in range(1, 5):
        sent = json.loads(json.dumps(pieces(seed)).replace("p-1", f"p-{seed + 1}"))
        assert ended(clinic, sent) == complete


@pytest.mark.long
def test_a_rehearsal_says_what_the_run_does(clinic: Place):
    clinic.when = datetime(2026, 1, 1, tzinfo=UTC)
    for seed in (1, 2):
        sent = [json.dumps(piece).replace("p-1", f"r-{seed}").encode() for piece in pieces(seed)]
        before = clinic.everything()
        rehearsal = Rehearsal(clinic.service, clinic.mapping)
        rehearsed = [rehearsal.ingest(data, file="bundle.json").as_dict() for data in sent]
        assert clinic.everything() == before
        for dry, data in zip(rehearsed, sent, strict=True):
            done = clinic.ingest(data).as_dict()
            assert {**dry, "enrollment": ""} == {**done, "enrollment": ""}


def test_pieces_that_are_ingested_at_once_end_as_the_complete_bundle(clinic: Place):
    complete = ended(clinic, pieces(0))
    for seed in (1, 2, 3):
        sent = json.loads(json.dumps(pieces(seed)).replace("p-1", f"t-{seed}"))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(clinic.ingest, sent))
        # The process that comes last may have read the record before another wrote it: the next bundle completes it.
        assert ended(clinic, sent[:1]) == complete


def test_an_event_that_is_refused_keeps_no_other_out(clinic: Place):
    clinic.ingest(bundle(RESOURCES[0]))
    mapping = replace(
        clinic.mapping,
        rules=tuple(
            replace(rule, trigger="no_such_trigger") if rule.name == "diagnosis" else rule
            for rule in clinic.mapping.rules
        ),
    )
    with pytest.raises(Refused):
        ingest_bundle(clinic.service, mapping, json.dumps(bundle(*RESOURCES)).encode(), file="bundle.json")
    (enrollment,) = [row[0] for row in clinic.everything()["enrollments"]]
    assert len(clinic.events(enrollment)) == 6
    clinic.ingest(bundle())
    assert len(clinic.events(enrollment)) == 7


@pytest.mark.long
@pytest.mark.postgres
def test_random_pieces_end_the_same_on_postgresql(postgres_url: str, library: Library, clinic: Place):
    on_postgresql = Place(postgres_url, library)
    on_postgresql.publish()
    for seed in range(3):  # other tests use the same server
        sent = json.loads(json.dumps(pieces(seed)).replace("p-1", f"pieces-{seed}"))
        assert ended(on_postgresql, sent) == ended(clinic, sent)
    on_postgresql.service.database.close()
