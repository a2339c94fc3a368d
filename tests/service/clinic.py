"""A service under test, with a clock that only the test moves."""

from __future__ import annotations

import functools
import itertools
import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Table

from journeys.review.approval import Requirements
from service.access import tokens
from service.access.tokens import PatientTokenRequest, mint_patient_token
from service.app import create_app
from service.demo.reviewers import sign_everything
from service.http import rates
from service.http.context import EXTENSION
from service.operations.worker import Worker
from service.platform import clock as clocks
from service.platform.configuration import Configuration
from service.platform.database import Database, open_database
from service.platform.process import Limits
from service.publishing import publish as publishing
from service.publishing.library import Compiled, Library, Rules
from service.publishing.service import Service
from tests.folders import SAMPLES
from tests.service.caregiving import accepted_caregiver

DEFINITIONS = SAMPLES / "definitions"
CONTENT = SAMPLES / "content"
START = datetime(2026, 7, 1, 9, tzinfo=UTC)
#: Signatures that do not end while a test moves its clock, or before this suite is last run.
FOR_LONG = Rules(Requirements(expires_after="P99Y"))
#: What is compiled once serves every test: releases are named by the digest of their bytes.
COMPILED = Compiled()
#: Tests call as often as they like; what rates do is tested by itself.
UNHURRIED = Configuration(
    reads_per_minute=0, reports_per_minute=0, patient_reads_per_minute=0, patient_reports_per_minute=0
)


class Clock:
    """The present, until the test says otherwise."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def pass_by(self, **parts: float) -> None:
        self.now += timedelta(**parts)


#: Of every request that does not bring its own: else no two answers have the same headers.
REQUEST_ID = "0123456789abcdef"


class Answer:
    """An answer, its body read once."""

    def __init__(self, response) -> None:
        self.status = response.status_code
        self.headers = dict(response.headers)
        self.data = response.get_data()
        self.type = response.mimetype

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def decision_bytes(self) -> bytes:
        end = self.data.index(b',"now":')
        return self.data[len(b'{"decision":') : end]

    def __getitem__(self, name: str):
        return self.json[name]


@functools.cache
def _application():
    """One for all tests of this process: documenting its routes takes longer than most tests."""
    database = open_database("sqlite:///never-opened.db")
    service = Service(database, Clock(), str, str)
    return create_app(Configuration(), clock=service.clock, new_id=str, service=service)


def application(service: Service):
    """The application, serving from now on this service."""
    app = _application()
    app.extensions[EXTENSION] = service
    app.extensions[rates.EXTENSION] = rates.Rates(UNHURRIED, clocks.monotonic)
    return app


class Clinic:
    """The application, its clock, and some who use it."""

    def __init__(self, database: Database, url: str, rules: Rules | None = None) -> None:
        numbers = itertools.count(1)
        lock = threading.Lock()

        def new_id() -> str:
            with lock:
                return f"id{next(numbers):06d}"

        library = Library(rules, COMPILED)
        self.clock = Clock()
        self.config = Configuration(database=url)
        secrets = itertools.count(1)
        self.service = Service(database, self.clock, new_id, lambda: f"secret{next(secrets):060d}", library)
        self.app = application(self.service)
        self.events = itertools.count(1)
        self.patients: dict[str, str] = {}  # by token
        self.enrolled: dict[str, str] = {}  # the patient, by enrollment

    def publish(self, definitions: Path = DEFINITIONS, content: Path = CONTENT, *, signed: bool = True):
        """Publishes, and has two synthetic reviewers sign it."""
        done = publishing.publish_from_files(self.service, definitions, content)
        assert done.is_done, [str(problem) for problem in done.problems]
        if signed:
            sign_everything(self.service, done)
        return done

    def token(self, name: str, *scopes: str, reports_as: str | None = None) -> str:
        return tokens.create_token(self.service, name=name, scopes=scopes, reports_as=reports_as).text

    def token_of_family(self, enrollment: str, **grants) -> str:
        """A token of a caregiver of one enrollment, who sees all but what is private; `grants` say what else."""
        minted = accepted_caregiver(self.service, enrollment, **grants).minted
        self.patients[minted.text] = minted.token.patient_ref
        return minted.text

    def token_of_patient(self, patient: str, journey: str | None = None) -> str:
        request = PatientTokenRequest(patient_ref=patient, journey=journey, expires_in=86_400 * 300)
        text = mint_patient_token(self.service, request).text
        self.patients[text] = patient
        return text

    @property
    def staff(self) -> str:
        return self._remembered_token("staff", lambda: self.token("clinic", "staff", "enroll"))

    @property
    def phone(self) -> str:
        """The patient app's own token: it enrolls, reports and reads for its patients."""
        return self._remembered_token("phone", lambda: self.token("app", "enroll", "report", "read"))

    def _remembered_token(self, name: str, make) -> str:
        if f"_{name}" not in self.__dict__:
            self.__dict__[f"_{name}"] = make()
        return self.__dict__[f"_{name}"]

    def call(self, method: str, path: str, token: str | None = None, **options) -> Answer:
        headers = {"X-Request-Id": REQUEST_ID} | dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = Answer(self.app.test_client(use_cookies=False).open(path, method=method, headers=headers, **options))
        if token in self.patients and path != "/openapi.json":  # the document has examples, the same for everybody
            self.require_own(answer, token)
        return answer

    def require_own(self, answer: Answer, token: str) -> None:
        """Every answer to a patient, of every test: it names no other patient and no enrollment of another."""
        patient_refs = set(re.findall(rb'"(?:patient_ref|ref)": ?"([^"]*)"', answer.data))
        assert patient_refs <= {self.patients[token].encode()}, answer.data
        for enrollment, patient in self.enrolled.items():
            assert patient == self.patients[token] or enrollment.encode() not in answer.data, answer.data

    def get(self, path: str, token: str, **options) -> Answer:
        return self.call("GET", path, token, **options)

    def post(self, path: str, token: str, body=None, **options) -> Answer:
        return self.call("POST", path, token, json={} if body is None else body, **options)

    def enroll(self, patient: str = "p1", key: str = "k1", token: str | None = None, **more) -> str:
        answer = self.post("/v1/enrollments", token or self.phone, joining(patient, key, **more))
        assert answer.status == 201, answer.data
        self.enrolled[answer["id"]] = patient
        return answer["id"]

    def report(self, enrollment: str, token: str, trigger: str, on: str | None = None, **more) -> Answer:
        headers = more.pop("headers", {})
        path = f"/v1/enrollments/{enrollment}/events" + more.pop("query", "")
        body = {"id": f"event-{next(self.events)}", "type": trigger, "occurred_at": on or self.clock().isoformat()}
        return self.post(path, token, body | more, headers=headers)

    def read(self, enrollment: str, token: str) -> dict:
        answer = self.get(f"/v1/enrollments/{enrollment}", token)
        assert answer.status == 200, answer.data
        return answer.json

    def pages(self, path: str, token: str) -> list[dict]:
        """Every item of every page."""
        page = self.get(path, token).json
        items = page["items"]
        while page["next"] is not None:
            page = self.get(f"{path}&cursor={page['next']}", token).json
            items += page["items"]
        return items

    def places(self, enrollment: str, token: str | None = None) -> dict[str, str]:
        now = self.read(enrollment, token or self.staff)["now"]
        return {track: where["state"] for track, where in now["state"].items()}

    def seen(self, enrollment: str, token: str) -> list[str]:
        return [piece["key"] for piece in self.read(enrollment, token)["now"]["content"]]

    def rows(self, table: Table) -> list:
        """Every row of a table, in the order of its primary key."""
        with self.service.database.reading() as connection:
            return list(connection.execute(table.select().order_by(*table.primary_key.columns)))

    def allow(self, **limits: int) -> None:
        """Sets limits; rates are measured by the clinic's own clock."""
        config = Configuration(**limits)
        counts = Limits(batch=config.max_batch, events=config.max_events, enrollments=config.max_enrollments)
        self.service = replace(self.service, limits=counts)
        self.app.extensions[EXTENSION] = self.service
        self.app.extensions[rates.EXTENSION] = rates.Rates(config, lambda: self.clock().timestamp())

    def worker(self) -> Worker:
        return Worker(self.service, 0.01)


def joining(patient: str = "p1", key: str = "k1", **more) -> dict:
    """The body that enrolls a patient in follow-up after a scan of January."""
    return {
        "key": key,
        "journey": "follow_up",
        "patient": {"ref": patient, "locale": "en", "time_zone": "Europe/Madrid"},
        "facts": {"last_scan_on": "2026-01-15"},
        "at": {"entry": "in_follow_up", "occurred_at": "2026-06-01"},
    } | more
