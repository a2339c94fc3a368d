"""A real server in a process of its own: it serves, fires timers, stops in good order, and is alone on its file."""

import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
import structlog

from service import processes
from service.access import tokens
from service.demo.reviewers import publish_signed
from service.enrollments.store import enrollments
from service.http.context import EXTENSION
from service.http.health import EXTENSION as WARMER
from service.operations import databases, verify
from service.operations.store import heartbeats
from service.platform.database import DatabaseRefused, open_database
from tests.service.clinic import CONTENT, DEFINITIONS, joining

pytestmark = pytest.mark.long

SERVE = """
import sys
from service.platform.configuration import Configuration
from service.processes import run_server
config = Configuration(database=sys.argv[1], port=0, worker_interval=0.05)
run_server(config, ready=lambda port: print(port, flush=True))
"""


class Server:
    """A running `serve`."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())

    def call(self, path: str, token: str | None = None, body=None) -> tuple[int, dict]:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def stop(self, kind=signal.SIGTERM) -> tuple[int, str]:
        os.kill(self.process.pid, kind)
        _, logged = self.process.communicate(timeout=30)
        return self.process.returncode, logged


@pytest.fixture
def server(database_url):
    with databases.open_service(database_url) as service:
        assert publish_signed(service, DEFINITIONS, CONTENT).is_done
        staff = tokens.create_token(service, name="clinic", scopes=["staff", "enroll"])
    running = Server(database_url)
    running.token = staff.text
    running.url = database_url
    yield running
    running.close()


@pytest.mark.usefixtures("database")
def test_it_serves_fires_timers_and_stops_in_good_order(server):
    assert server.call("/healthz") == (200, {"status": "ok"})
    past = joining(at={"entry": "in_follow_up", "occurred_at": "2026-01-01"}, facts={"last_scan_on": "2026-01-15"})
    status, enrolled = server.call("/v1/enrollments", server.token, past)
    assert (status, enrolled["now"]["state"]["disease"]["state"]) == (201, "surveillance.scan_due")
    for _ in range(200):
        readiness = server.call("/readyz")[1]
        if readiness["worker"] == readiness["releases"] == "ok":
            break
        time.sleep(0.05)
    assert readiness == {"status": "ready", "database": "ok", "worker": "ok", "releases": "ok"}
    code, logged = server.stop()
    assert code == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    assert lines[-1]["event"] == "stopping" or lines[-2]["event"] == "stopping"
    assert {"serving", "request"} <= {line["event"] for line in lines}
    with databases.open_service(server.url) as service, service.database.reading() as connection:
        assert heartbeats.list_all(connection) == []
        assert list(verify.verify_all(service)) == []


@pytest.mark.usefixtures("database")
def test_what_was_acknowledged_survives_a_kill(server):
    """C1 in small: killed hard under load, every acknowledged event is there, once; the rest can be sent again."""
    _, enrolled = server.call("/v1/enrollments", server.token, joining())
    path = f"/v1/enrollments/{enrolled['id']}/events"
    acknowledged: dict[str, dict] = {}

    def report(client: int) -> None:
        for number in range(500):
            name = f"{client}-{number}"
            try:
                status, answer = server.call(path, server.token, event(name))
            except (OSError, http.client.HTTPException):  # killed before or within the answer
                return
            if status == 200:
                acknowledged[name] = answer["decision"]

    threads = [threading.Thread(target=report, args=(client,)) for client in range(4)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
    server.process.kill()
    server.process.communicate()
    for thread in threads:
        thread.join()
    again = Server(server.url)
    try:
        for name, decision in acknowledged.items():
            assert again.call(path, server.token, event(name)) == (
                200,
                {"decision": decision, "now": again.call(path, server.token, event(name))[1]["now"]},
            )
    finally:
        again.stop()
    with databases.open_service(server.url) as service:
        assert list(verify.verify_all(service)) == []


def event(name: str) -> dict:
    return {"id": name, "type": "asked_for_help", "occurred_at": "2026-06-20"}


@pytest.mark.usefixtures("database")
def test_a_second_server_or_worker_of_a_file_is_refused(server):
    if not server.url.startswith("sqlite"):
        command = [sys.executable, "-c", WORK, server.url]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert worker.stdout.readline() == "working\n"  # PostgreSQL takes many
        worker.terminate()
        _, said = worker.communicate(timeout=30)
        assert worker.returncode == 0, said
        return
    for script in (SERVE, WORK):
        other = subprocess.run(
            [sys.executable, "-c", script, server.url], capture_output=True, text=True, check=False, timeout=60
        )
        assert other.returncode == 1
        assert "AlreadyServed" in other.stderr
    with databases.open_service(server.url) as service:  # other commands may open it
        assert tokens.list_tokens(service)


WORK = """
import sys
from service.platform.configuration import Configuration
from service.processes import run_worker
run_worker(Configuration(database=sys.argv[1], worker_interval=0.05), ready=lambda: print("working", flush=True))
"""


@pytest.mark.usefixtures("database")
def test_a_request_in_hand_is_finished_when_the_server_is_asked_to_stop(server):
    """Its event waits for a lock that somebody holds; it is applied and answered after the signal."""
    _, enrolled = server.call("/v1/enrollments", server.token, joining())
    answers = []
    path = f"/v1/enrollments/{enrolled['id']}/events"
    request = threading.Thread(target=lambda: answers.append(server.call(path, server.token, event("last"))))
    opened = open_database(server.url)
    with opened.writing() as connection:
        assert enrollments.load_to_change(connection, enrolled["id"])
        request.start()
        time.sleep(0.5)
        os.kill(server.process.pid, signal.SIGTERM)
        time.sleep(0.5)
        assert answers == []
    opened.close()
    request.join(20)
    assert [status for status, _ in answers] == [200]
    assert server.process.wait(20) == 0


def test_another_wsgi_server_gets_the_application_on_postgresql_only(migrated_postgres, tmp_path):
    structured, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        app = processes.wsgi_application({"JOURNEYS_DATABASE": migrated_postgres})
        warmer = app.extensions[WARMER]
        for _ in range(200):
            if warmer.is_done:
                break
            time.sleep(0.05)
        assert app.test_client().get("/readyz").status_code == 200
        warmer.stop()
        app.extensions[EXTENSION].database.close()
        with pytest.raises(DatabaseRefused, match="PostgreSQL"):
            processes.wsgi_application({"JOURNEYS_DATABASE": f"sqlite:///{tmp_path}/a.db"})
    finally:
        structlog.configure(**structured)
        root.handlers[:], root.level = handlers, level
