"""A service on a database of its own, into which bundles of the shipped journey are ingested."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from journeys.engine import Event, active_events
from journeys.interop.fhir import FhirMapping
from journeys.primitives.canonical import canonical
from service.access.caller import Caller
from service.demo.reviewers import publish_signed
from service.effects.store import tasks
from service.enrollments.content import ContentOptions
from service.enrollments.enroll import IncomingEnrollment, enroll
from service.enrollments.read import read_enrollment
from service.enrollments.requests import EnrollRequest
from service.enrollments.store import enrollments, log
from service.interop.fhir import ingest_bundle, load_mapping
from service.interop.reports import IngestReport
from service.platform.clock import new_id, new_secret
from service.platform.database import open_database, upgrade
from service.publishing.library import Library
from service.publishing.service import Service
from tests.folders import ROOT

MAPPING = ROOT / "definitions" / "nsclc.fhir.yaml"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCT = "http://snomed.info/sct"
SUSPICION, DIAGNOSIS, STAGE_1, STAGE_2, STAGE_4 = "162573006", "254637007", "424132000", "425048006", "423121009"
NAMES = ("Austin_Franecki", "Gilbert_Wunsch")


class Place:
    """A service on a database of its own, and the mapping of the shipped journey."""

    def __init__(self, url: str, library: Library) -> None:
        self.when = NOW
        self.service = Service(open_database(url), lambda: self.when, new_id, new_secret, library)

    def publish(self) -> None:
        upgrade(self.service.database)
        done = publish_signed(self.service, ROOT / "definitions", ROOT / "content", only=["nsclc"])
        assert done.is_done, done.problems

    @property
    def mapping(self) -> FhirMapping:
        loaded, problems = load_mapping(self.service, "nsclc", MAPPING.read_bytes(), MAPPING.name)
        assert problems == []
        assert loaded is not None
        return loaded

    def ingest(self, sent: dict[str, Any] | bytes) -> IngestReport:
        data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        return ingest_bundle(self.service, self.mapping, data, file="bundle.json", programme="riverside")

    def join(self, patient_ref: str, at: datetime, entry: str) -> str:
        """The id of a new enrollment that the app made."""
        request = EnrollRequest(
            key="first",
            journey="nsclc",
            patient_ref=patient_ref,
            locale="en",
            time_zone="UTC",
            programme="riverside",
            entry=entry,
            at=at,
        )
        joining = IncomingEnrollment(identity=("nsclc", patient_ref, "first"), digest="d", request=request)
        return enroll(self.service, Caller("", "app", frozenset({"enroll"}), "patient"), joining).id

    def patient_sees(self, enrollment: str) -> str:
        """The state of the disease that the patient is shown."""
        with self.service.database.reading() as connection:
            stored = enrollments.load(connection, enrollment)
        assert stored is not None
        patient = Caller("", "patient", frozenset({"patient"}), "patient", patient_ref=stored.patient_ref)
        answer = read_enrollment(self.service, patient, enrollment, ContentOptions(content=False))
        return answer.now.state["disease"].stay.state

    def is_ended(self, enrollment: str) -> bool:
        staff = Caller("", "nurse", frozenset({"staff"}), "staff")
        answer = read_enrollment(self.service, staff, enrollment, ContentOptions(content=False))
        return answer.now.ended is not None

    def open_tasks(self, enrollment: str) -> list[tuple[str, str]]:
        """The kind and title of open tasks."""
        with self.service.database.reading() as connection:
            return sorted((task.kind, task.title) for task in tasks.open_tasks(connection, enrollment))

    def events(self, enrollment: str) -> list[Event]:
        """The active events that were reported, in their order."""
        with self.service.database.reading() as connection:
            active = active_events(entry.arrival for entry in log.read_log(connection, enrollment))
        return sorted(
            (event for event in active if event.kind == "reported"), key=lambda event: (event.at, event.type, event.id)
        )

    def everything(self) -> dict[str, list[Any]]:
        """All that is stored of enrollments."""
        with self.service.database.reading() as connection:
            return {
                table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3"))]  # noqa: S608
                for table in ("enrollments", "events", "records", "tasks", "reminders", "shown")
            }

    def state(self, enrollment: str) -> bytes:
        """The canonical state, without what depends on the enrollment's own id."""
        with self.service.database.reading() as connection:
            stored = enrollments.load(connection, enrollment)
            uids = {entry.uid: entry.external_id for entry in log.read_log(connection, enrollment)}
        assert stored is not None
        assert stored.enrollment.state is not None
        stored_state = stored.enrollment.state.to_stored()
        stored_state["tracks"] = {
            track: [{"state": stay["state"], "since": stay["since"]} for stay in stays]
            for track, stays in stored_state["tracks"].items()
        }
        text = canonical(stored_state).decode()
        for uid, id in uids.items():
            text = text.replace(uid, id or "")
        return text.encode()


def condition(id: str, code: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": id,
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": SCT, "code": code}]},
        "subject": {"reference": "Patient/p-1"},
        "onsetDateTime": at,
        "recordedDate": at,
    } | more


def bundle(*resources: dict[str, Any], **patient: Any) -> dict[str, Any]:
    whose = {"resourceType": "Patient", "id": "p-1", "name": [{"family": "Secret"}]} | patient
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in (whose, *resources)]}
