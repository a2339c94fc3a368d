"""The files of docs/deployment do what they are for: gunicorn on a real PostgreSQL, nginx before it, the units."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import delete

from service.access import tokens
from service.demo.reviewers import publish_signed
from service.enrollments.store import enrollments
from service.operations import databases
from service.operations.access_checks import examine_exposure
from service.platform.configuration import Configuration
from service.platform.database import open_database
from tests.folders import ROOT
from tests.ports import free_port
from tests.service.clinic import CONTENT, DEFINITIONS, joining
from tests.tables import EMPTIED

pytestmark = pytest.mark.long

FILES = ROOT / "docs" / "deployment"
BIN = Path(sys.executable).parent


class Served:
    """gunicorn, started with the file as it is."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.socket = url, folder / "journeys.sock"
        with databases.open_service(url) as service:
            assert publish_signed(service, DEFINITIONS, CONTENT).is_done
            self.staff = tokens.create_token(service, name="clinic", scopes=["staff", "enroll"]).text
            self.admin = tokens.create_token(service, name="operations", scopes=["admin"]).text
        self.port = free_port()
        bind = [f"--bind=127.0.0.1:{self.port}", f"--bind=unix:{self.socket}"]
        # As the file and nginx.conf have them, and the address that the tests call.
        environment = {"JOURNEYS_DATABASE": url, "JOURNEYS_PROXIES": "1", "WEB_CONCURRENCY": "2"}
        environment |= {"JOURNEYS_HTTPS": "true", "JOURNEYS_TRUSTED_HOSTS": "journeys.example,127.0.0.1"}
        self.folder = folder
        with (folder / "gunicorn.log").open("w") as log:
            self.process = subprocess.Popen(
                [BIN / "gunicorn", "--config", FILES / "gunicorn.conf.py", *bind],
                env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)} | environment,
                stderr=log,
            )
        wait_until(lambda: self.get("/readyz")[0] == 200, self)

    @property
    def logged(self) -> list[str]:
        return (self.folder / "gunicorn.log").read_text().splitlines()

    def get(self, path: str, token: str | None = None, body=None) -> tuple[int, bytes]:
        return ask(f"http://127.0.0.1:{self.port}{path}", token, body)[:2]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        opened = open_database(self.url)
        with opened.writing() as connection:
            for table in EMPTIED:
                connection.execute(delete(table))
        opened.close()


def ask(address: str, token: str | None = None, body=None, context=None) -> tuple[int, bytes, dict]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address, data=data)  # noqa: S310 http and https alone
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)
    except OSError:
        return 0, b"", {}


def wait_until(is_so, server) -> None:
    for _ in range(600):
        if is_so():
            return
        assert server.process.poll() is None, server.logged
        time.sleep(0.1)
    raise AssertionError(server.logged)


@pytest.fixture
def served(migrated_postgres, tmp_path):
    server = Served(migrated_postgres, tmp_path)
    yield server
    server.close()


def test_gunicorn_serves_counts_together_and_finishes_what_it_has_in_hand(served):
    status, body = served.get("/v1/enrollments", served.staff, joining())
    assert status == 201
    enrollment = json.loads(body)["id"]
    for _ in range(20):
        assert served.get("/healthz")[0] == 200
    status, text = served.get("/metrics", served.admin)
    labels = r'\{method="GET",route="/healthz",status="200"\}'
    counted = re.search(rf"journeys_http_requests_total{labels} (\d+)", text.decode())
    assert (status, int(counted[1])) == (200, 20)
    answers = []
    event = {"id": "last", "type": "asked_for_help", "occurred_at": "2026-06-20"}
    path = f"/v1/enrollments/{enrollment}/events"
    request = threading.Thread(target=lambda: answers.append(served.get(path, served.staff, event)))
    opened = open_database(served.url)
    with opened.writing() as connection:
        assert enrollments.load_to_change(connection, enrollment)
        request.start()
        with opened.reading() as other:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            wait_until(lambda: other.exec_driver_sql(waiting).scalar() > 0, served)
        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: any("Handling signal: term" in line for line in served.logged), served)
        assert answers == []
    opened.close()
    request.join(30)
    assert [status for status, _ in answers] == [200]
    assert served.process.wait(40) == 0
    assert not list(served.folder.glob("journeys-metrics-*"))
    routes = {json.loads(line).get("route") for line in served.logged if line.startswith("{")}
    assert "/v1/enrollments/<id:enrollment>/events" in routes


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"JOURNEYS_DATABASE": "sqlite:///a.db", "WEB_CONCURRENCY": "4"}, "Several processes need PostgreSQL"),
        ({"JOURNEYS_THREADS": "many"}, "JOURNEYS_THREADS must be a whole number"),
    ],
)
def test_gunicorn_does_not_start_with_what_makes_no_sense(tmp_path, variables, says):
    command = [BIN / "gunicorn", "--config", FILES / "gunicorn.conf.py", f"--bind=unix:{tmp_path}/s"]
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)} | variables
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False
    )
    assert done.returncode != 0
    assert says in done.stderr
    assert not list(tmp_path.glob("journeys-metrics-*"))


class Nginx:
    """nginx with the file as it is, but for the places that need an administrator."""

    def __init__(self, folder: Path, upstream: Path) -> None:
        self.port, self.folder = free_port(), folder
        key, certificate = folder / "key.pem", folder / "cert.pem"
        subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
        subprocess.run([*made, *subject], check=True, capture_output=True)
        text = (FILES / "nginx.conf").read_text()
        for there, here in {
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx": str(folder),
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "/etc/journeys/tls/fullchain.pem": str(certificate),
            "/etc/journeys/tls/key.pem": str(key),
            "/run/journeys/journeys.sock": str(upstream),
            "worker_processes auto": "worker_processes 1",
        }.items():
            assert there in text
            text = text.replace(there, here)
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
            text = text.replace("http {", f"http {{\n    {kind}_temp_path {folder}/{kind};")
        self.file = folder / "nginx.conf"
        # The sockets of this test belong to whoever runs it.
        self.file.write_text(("user root;\n" if os.geteuid() == 0 else "") + text)
        self.context = ssl.create_default_context(cafile=certificate)
        self.command = [shutil.which("nginx"), "-c", self.file, "-e", folder / "start.log"]
        self.logged: list[str] = []

    def start(self) -> None:
        self.process = subprocess.Popen([*self.command, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        wait_until(lambda: self.get("/healthz")[0] != 0, self)

    def get(self, path: str, token: str | None = None, body=None) -> tuple[int, bytes, dict]:
        return ask(f"https://127.0.0.1:{self.port}{path}", token, body, self.context)

    def half_a_body(self) -> socket.socket:
        """A caller who sends a head and the beginning of a body, and then nothing more."""
        sent = self.context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), timeout=10), server_hostname="127.0.0.1"
        )
        head = ("POST /v1/events HTTP/1.1", "Host: x", "Content-Type: application/json", "Content-Length: 900", "", "{")
        sent.sendall("\r\n".join(head).encode())
        return sent

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)


@pytest.fixture
def nginx(served, tmp_path):
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx and openssl are not both installed")
    folder = tmp_path / "nginx"
    folder.mkdir()
    server = Nginx(folder, served.socket)
    checked = subprocess.run([*server.command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    server.start()
    yield server
    server.stop()


def test_nginx_passes_requests_holds_slow_callers_and_answers_for_a_service_that_is_gone(served, nginx):
    status, body, headers = nginx.get("/v1/enrollments", served.staff, joining("canary"))
    assert status == 201, body
    assert json.loads(body)["patient"]["ref"] == "canary"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = nginx.get("/room/sign-in")[2]["Set-Cookie"]
    assert re.match("__Host-journeys_staff=[^;]+; Secure; HttpOnly; Path=/; SameSite=Lax$", cookie), cookie
    assert nginx.get("/v1/enrollments?patient_ref=canary", served.staff)[0] == 200
    assert nginx.get("/metrics")[0] == 401
    slow = [nginx.half_a_body() for _ in range(40)]  # more than gunicorn has threads
    try:
        assert nginx.get("/readyz")[0] == 200
    finally:
        for one in slow:
            one.close()
    served.process.terminate()
    assert served.process.wait(40) == 0
    status, body, headers = nginx.get("/healthz")
    assert (status, headers["Content-Type"], headers["Retry-After"]) == (503, "application/problem+json", "5")
    assert json.loads(body)["code"] == "unavailable"
    written = "".join(file.read_text() for file in nginx.folder.glob("*.log"))
    assert "/v1/enrollments 200" in written
    assert "canary" not in written


def test_the_units_are_in_order(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = [*FILES.glob("*.service"), *FILES.glob("*.timer")]
    for unit in units:
        text = unit.read_text().replace("/opt/journeys/.venv/bin", str(BIN))
        (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if any(unit.name in line for unit in units)]
    assert ours == []
    for unit in FILES.glob("*.service"):
        text = unit.read_text()
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
            assert line in text, unit.name


def test_the_example_file_is_a_configuration():
    config = Configuration.of_environment({}, file=FILES / "journeys.toml")
    assert (config.worker, config.proxies, config.https) == (False, 1, True)
    assert all(finding.is_good for finding in examine_exposure(config))
    (name,) = config.hosts
    nginx_conf = (FILES / "nginx.conf").read_text()
    assert set(tomllib.loads((FILES / "journeys.toml").read_text())) <= set(Configuration.__dataclass_fields__)
    assert f"server_name {name};" in nginx_conf and "proxy_set_header Host $server_name;" in nginx_conf


def test_the_unit_for_sqlite_sets_https_and_the_names():
    text = (FILES / "journeys-sqlite.service").read_text()
    variables = dict(re.findall(r"^Environment=(JOURNEYS_\w+)=(.*)$", text, re.MULTILINE))
    assert all(finding.is_good for finding in examine_exposure(Configuration.of_environment(variables)))


def test_the_line_of_the_readme_serves(migrated_postgres, tmp_path):
    """As it is written, from the root of the repository, but for the port."""
    (line,) = re.findall(r"^gunicorn .*?(?=  +#)", (ROOT / "README.md").read_text(), re.MULTILINE)
    port = free_port()
    environment = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "TMPDIR": str(tmp_path),
        "JOURNEYS_DATABASE": migrated_postgres,
    }
    command = shlex.split(line.replace("8000", str(port)))
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            if ask(f"http://127.0.0.1:{port}/readyz")[0] == 200:
                break
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        assert ask(f"http://127.0.0.1:{port}/healthz")[:2] == (200, b'{"status":"ok"}')
    finally:
        process.terminate()
        process.communicate(timeout=60)
