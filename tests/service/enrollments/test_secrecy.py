"""S8: a real server, told canaries wherever it listens, broken in every way: none gets where it should not be."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from sqlalchemy import LargeBinary, select

from service.enrollments.store import enrollments
from service.platform.database import open_database
from service.platform.database.tables import metadata
from tests.service.clinic import joining

pytestmark = pytest.mark.long

#: What a careless caller may send: a name, a telephone number, a symptom, what somebody said.
CANARIES = (
    "Canary-Ann",
    "555-0199-canary",
    "canarycough",
    "canaryreason",
    "canarylocale",
    "CANARYMETHOD",
    "canaryquery",
)

#: And for what a journey or a request declares no name: who sent it is told so.
WORD = "canaryword"

SERVE = """
import logging, sys
import service.platform.database.engine as engine
engine.BUSY_MILLISECONDS = 200
from sqlalchemy.exc import OperationalError
from service import processes
from service.platform.configuration import Configuration
from service.platform.database.engine import Database
from service.enrollments import explain, read

def wrap(module, name, breaks):
    whole = getattr(module, name)
    def broken(service, caller, enrollment, *args, **more):
        asked = args[0] if args else None
        if getattr(asked, "locale", None) == "zz-break":
            breaks(service, caller, enrollment)
        return whole(service, caller, enrollment, *args, **more)
    setattr(module, name, broken)

def unexpected(service, caller, enrollment):
    symptom = "canarycough"
    raise RuntimeError(f"{caller.patient_ref} Canary-Ann {symptom}")

def of_database(service, caller, enrollment):
    with service.database.writing() as connection:
        connection.exec_driver_sql("SELECT 'Canary-Ann' FROM nowhere")

wrap(read, "read_enrollment", unexpected)
wrap(explain, "read_explanation", of_database)

def ready(port):
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "waitress", "werkzeug", "psycopg"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    print(port, flush=True)

config = Configuration(
    database=sys.argv[1], port=0, worker_interval=0.05, log_level="debug", lock_timeout=0.2, statement_timeout=2.0
)
processes.run_server(config, ready=ready)
"""


class Watched:
    """A running server, all that it writes going to files."""

    def __init__(self, url: str, folder) -> None:
        self.written = folder / "stderr"
        with self.written.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, url], stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self.port = int(self.process.stdout.readline())
        self.answers: list[tuple[str, int, str]] = []

    def call(self, method: str, path: str, token: str | None = None, body=None, **headers: str) -> dict:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, method=method)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read().decode()
        self.answers.append((f"{method} {path}", status, text))
        return json.loads(text) if text.startswith("{") else {}

    def stop(self) -> str:
        """Everything that the process wrote."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        output, _ = self.process.communicate(timeout=30)
        return output + self.written.read_text()


@pytest.fixture
def watched(clinic, database_url, tmp_path):
    running = Watched(database_url, tmp_path)
    running.tokens = {
        "clinic": clinic.staff,
        "app": clinic.phone,
        "operations": clinic.token("operations", "admin"),
    }
    running.url = database_url
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.communicate()


def tell_everything(server) -> list[str]:
    """Canaries in every route, field, header and query, with every kind of failure; gives the secrets used."""
    staff, app, admin = server.tokens["clinic"], server.tokens["app"], server.tokens["operations"]
    body = joining("ref-1", "key-1")
    enrollment = server.call("POST", "/v1/enrollments", app, body)["id"]
    at = f"/v1/enrollments/{enrollment}"
    patient = server.call("POST", "/v1/patient-tokens", app, {"patient_ref": "ref-1", "expires_in": 600})["token"]
    spoiled = [
        body | {"name": "Canary-Ann"},
        body | {"patient": body["patient"] | {"name": "Canary-Ann", "phone": "555-0199-canary"}},
        body | {"facts": {WORD: "canarycough"}},
        body | {"facts": {"last_scan_on": "canarycough"}},
        body | {"journey": WORD},
        body | {"patient": body["patient"] | {"locale": "canarylocale?", "time_zone": "Canary/Ann"}},
    ]
    event = {"id": "e-1", "type": "answers_given", "occurred_at": "2026-06-20"}
    for token in (staff, app, patient, "jt_canaryquery_canarycough", None):
        for invalid in spoiled:
            server.call("POST", "/v1/enrollments", token, invalid)
        for path in ("", "/content", "/history", "/explain"):
            server.call("GET", f"{at}{path}?locale=canarylocale&x=canaryquery", token)
            server.call("GET", f"{at}{path}?locale=zz-break", token)  # an unexpected error, and one of the database
        for wrong in (
            event | {"type": WORD},
            event | {"facts": {"pack_years": "555-0199-canary"}},
            event | {"facts": {WORD: True}},
            event | {"occurred_at": "canarycough"},
            event | {WORD: "Canary-Ann"},
            b'{"canarycough": canarycough',
            b'{"canarycough": 1, "canarycough": 2}',
        ):
            server.call("POST", f"{at}/events", token, wrong)
            server.call("POST", "/v1/events", token, wrong if isinstance(wrong, bytes) else {"events": [wrong]})
        cloud = {"specversion": "1.0", "id": "c-1", "source": "//clinic", "type": "asked_for_help"}
        cloud |= {"time": "2026-06-20T00:00:00Z", "data": {}, "comment": "Canary-Ann, 555-0199-canary"}
        server.call("POST", f"{at}/events", token, cloud, Content_Type="application/cloudevents+json")
        placement = {"id": "p-1", "state": "disease.recurrence", "reason": "canaryreason"}
        server.call("POST", f"{at}/placement", token, placement)
        server.call("POST", f"{at}/events/canaryquery/retraction", token, {"reason": "canaryreason"})
        server.call("POST", "/v1/patient-tokens", token, {"patient_ref": "r", "expires_in": 600, "name": "Canary-Ann"})
        server.call("GET", "/v1/enrollments?patient_ref=Canary-Ann", token)
        server.call("GET", "/v1/tasks?assignee=Canary-Ann&status=canaryquery", token)
        server.call("GET", "/v1/canaryquery/555-0199-canary", token)
        server.call("GET", f"/v1/me/enrollments?token={staff}", token)
        server.call("CANARYMETHOD", "/v1/enrollments", token)
        server.call(
            "GET", "/healthz", token, User_Agent="Canary-Ann", Referer="http://canaryquery/", X_Name="Canary-Ann"
        )
        server.call("GET", "/healthz", token, Host="canaryquery.example")
    opened = open_database(server.url)
    with opened.writing() as connection:  # what waits for a lock in vain
        assert enrollments.load_to_change(connection, enrollment)
        help_asked = {"id": "e-9", "type": "answers_given", "occurred_at": "2026-06-20", "facts": {"smokes": True}}
        server.call("POST", f"{at}/events", app, help_asked)
    opened.close()
    server.call("GET", "/metrics", admin)
    return [staff, app, admin, patient]


def test_canaries_are_in_no_output_of_a_server_and_in_no_column_but_payloads(watched):
    secrets = tell_everything(watched)
    statuses = {status for _, status, _ in watched.answers}
    assert {200, 201, 400, 401, 403, 404, 405, 422, 500, 503} <= statuses
    written = watched.stop()
    assert written.count('"event": "request"') >= len(watched.answers) - 5
    assert '"event": "unexpected"' in written
    assert '"logger": "sqlalchemy.engine' in written  # the echo of SQL was on
    values = [*CANARIES, *secrets, *(secret.split("_", 2)[2] for secret in secrets)]
    hidden = [*values, WORD]
    assert [canary for canary in hidden if canary in written] == []
    for call, status, text in watched.answers:
        minted = "/v1/patient-tokens" in call or ("GET" in call and status == 200)
        forbidden = hidden if status >= 500 else values
        assert minted or not [canary for canary in forbidden if canary in text], (call, status, text)
    counted = next(text for call, _, text in watched.answers if call == "GET /metrics")
    assert "journeys_http_requests_total" in counted
    assert not [canary for canary in (*hidden, "ref-1", "key-1") if canary in counted]
    opened = open_database(watched.url)
    with opened.reading() as connection:
        for table in metadata.sorted_tables:
            plain = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
            rows = repr(connection.execute(select(*plain)).all())
            assert [canary for canary in hidden if canary in rows] == [], table.name
            every_column = repr(connection.execute(select(table)).all())
            assert [secret for secret in secrets if secret.split("_", 2)[2] in every_column] == [], table.name
            assert ("canaryreason" in every_column) == (table.name == "events"), table.name  # its place
    opened.close()
