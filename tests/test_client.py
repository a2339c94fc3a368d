"""The client of docs/: it draws each patient of the demonstration, and reports what the view says can be reported."""

import ast
import os
import subprocess
import sys

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


@pytest.fixture(scope="module")
def running(tmp_path_factory):
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


def client(running, ref: str, *words: str) -> str:
    """What the client prints for a patient, with the patient's own token."""
    demonstration, address = running
    enrollment = next(patient.enrollment for patient in demonstration.patients if patient.ref == ref)
    done = subprocess.run(
        [sys.executable, str(CLIENT), address, demonstration.tokens.patients[ref], enrollment, *words],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_short_and_knows_nothing_of_our_code():
    tree = ast.parse(CLIENT.read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert sum(bool(line.strip()) for line in CLIENT.read_text().splitlines()) <= 60


def test_ana_reads_spanish_and_reports_that_a_scan_is_booked(running):
    before = client(running, "demo-ana")
    assert "Próximo estudio de imagen en seis meses" in before
    assert "scan_booked_for=" in before
    day = running[0].clock().date().isoformat()
    after = client(running, "demo-ana", "scan_booked", f"scan_booked_for={day}")
    assert after != before
    assert day in after


def test_ben_sees_nothing_of_what_he_was_not_told(running):
    drawn = client(running, "demo-ben")
    assert "came back" not in drawn
    assert "Waiting" in drawn


def test_cam_reports_what_she_wants_help_with(running):
    before = client(running, "demo-cam")
    assert "support_needs=" in before
    assert "mood and worry" not in before
    assert "mood and worry" in client(running, "demo-cam", "needs_told", "support_needs=money,mood")
