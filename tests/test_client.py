"""The clients of docs/: each draws patients of the demonstration, and reports what the view says can be reported."""

import ast
import os
import shutil
import subprocess
import sys

import httpx2
import pytest

from service.app import create_app, make_service
from service.demo.clock import MovableClock
from service.demo.environment import Demonstration
from service.platform import clock as clocks
from service.platform.configuration import Configuration
from service.platform.database import upgrade
from service.platform.server import Server
from tests.folders import ROOT

pytestmark = pytest.mark.long

CLIENT = ROOT / "docs" / "client.py"
TYPESCRIPT = ROOT / "docs" / "typescript"


@pytest.fixture(scope="module", params=["python", "typescript"])
def language(request):
    """The language of the client; each has a demonstration of its own."""
    return request.param


@pytest.fixture(scope="module")
def running(language, tmp_path_factory):
    """The demonstration behind a real server, and its address."""
    config = Configuration(database=f"sqlite:///{tmp_path_factory.mktemp('client') / 'demo.db'}", port=0)
    clock = MovableClock(clocks.present)
    service = make_service(config, clock=clock, new_id=clocks.new_id)
    upgrade(service.database)
    app = create_app(config, clock=clock, new_id=clocks.new_id, service=service)
    demonstration = Demonstration(app, service, clock, ROOT / "definitions", ROOT / "content")
    assert demonstration.begin().is_done
    server = Server(app, config)
    yield demonstration, f"http://127.0.0.1:{server.port}"
    server.stop()
    service.database.close()


def typescript_app(address, folder):
    """The compiled client in TypeScript, its types generated from the document at an address."""
    if shutil.which("npm") is None:
        pytest.skip("the client in TypeScript is compiled with npm, which is not installed")
    shutil.copytree(TYPESCRIPT, folder, ignore=shutil.ignore_patterns("node_modules", "build"))
    (folder / "openapi.json").write_bytes(httpx2.get(f"{address}/openapi.json").content)
    for words in (["install", "--no-package-lock", "--no-audit", "--no-fund"], ["run", "types"], ["run", "build"]):
        done = subprocess.run(["npm", *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "app.js"


@pytest.fixture(scope="module")
def command(language, running, tmp_path_factory):
    """How the client is started."""
    if language == "python":
        return [sys.executable, str(CLIENT)]
    return ["node", str(typescript_app(running[1], tmp_path_factory.mktemp("typescript") / "app"))]


@pytest.fixture
def client(command, running):
    """Runs the client for a patient, with the patient's own token, and returns what it prints."""

    def run(ref: str, *words: str, expected: int = 0) -> str:
        demonstration, address = running
        enrollment = next(patient.enrollment for patient in demonstration.patients if patient.ref == ref)
        done = subprocess.run(
            [*command, address, demonstration.tokens.patients[ref], enrollment, *words],
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == expected, done.stderr
        return done.stdout + done.stderr

    return run


def test_it_is_short_and_knows_nothing_of_our_code():
    tree = ast.parse(CLIENT.read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert sum(bool(line.strip()) for line in CLIENT.read_text().splitlines()) <= 65


def test_ana_reads_spanish_and_reports_that_a_scan_is_booked(running, client):
    before = client("demo-ana")
    assert "Próximo estudio de imagen en seis meses" in before
    assert "scan_booked_for=" in before
    assert "? ¿Fuma usted?\n    Quienes fuman ven ayuda" in before
    day = running[0].clock().date().isoformat()
    after = client("demo-ana", "scan_booked", f"scan_booked_for={day}")
    assert after != before
    assert day in after


def test_ben_sees_nothing_of_what_he_was_not_told(client):
    drawn = client("demo-ben")
    assert "came back" not in drawn
    assert "Waiting" in drawn


def test_cam_reports_what_she_wants_help_with(client):
    before = client("demo-cam")
    assert "support_needs=" in before
    assert "mood and worry" not in before
    assert "mood and worry" in client("demo-cam", "needs_told", "support_needs=money,mood")


def test_a_refused_report_is_shown_with_the_field(client):
    said = client("demo-cam", "needs_told", "support_needs=money", "no_such_fact=1", expected=1)
    assert "no_such_fact" in said
    assert "Traceback" not in said
