"""The metrics: the counts are right, nobody is named, and every alert uses metrics that exist."""

import io
import json
import os
import re
import subprocess
import sys
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from service.http.metrics import LINES, StatusCache
from service.operations.status import lateness_of
from service.platform import metrics
from service.platform.configuration import Configuration
from tests.folders import ROOT
from tests.service.platform.test_logs import CANARIES, everything

ALERTS = ROOT / "docs" / "alerts.yml"


def samples(text: bytes) -> dict:
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture
def admin(clinic):
    token = clinic.token("operations", "admin")

    def scrape() -> bytes:
        clinic.app.extensions["journeys-standing"] = StatusCache(lateness_of(Configuration()))  # not what was kept
        answer = clinic.get("/metrics", token)
        assert (answer.status, answer.headers["Content-Type"]) == (200, metrics.MEDIA_TYPE)
        return answer.data

    return scrape


def grown(before: dict, after: dict, name: str, **labels: str) -> float:
    key = (name, *sorted(labels.items()))
    return after[key] - before.get(key, 0)


def test_requests_and_events_are_counted_by_route_status_and_outcome(clinic, admin):
    before = samples(admin())
    enrollment = clinic.enroll()
    for _ in range(2):
        clinic.report(enrollment, clinic.phone, "asked_for_help", id="e1", occurred_at="2026-06-20")
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    clinic.call("PROPFIND", "/v1/nothing")
    again = {"type": "recurrence_confirmed", "occurred_at": "2026-06-20", "enrollment": enrollment}
    clinic.post("/v1/events", clinic.staff, {"events": [{"id": "e2", **again}, {"id": "e3", **again}]})
    clinic.clock.set("2026-07-20T00:00:00")
    clinic.worker().fire_all()
    after = samples(admin())
    route = "/v1/enrollments/<id:enrollment>/events"
    requests = "journeys_http_requests_total"
    assert grown(before, after, requests, route=route, method="POST", status="200") == 3
    assert grown(before, after, requests, route="none", method="other", status="404") == 1
    assert grown(before, after, "journeys_http_request_seconds_count", route=route, method="POST") == 3
    for outcome, count in {"advanced": 2, "replayed": 1, "stayed": 1, "ignored": 1}.items():
        assert grown(before, after, "journeys_events_total", outcome=outcome) == count, outcome
    assert grown(before, after, "journeys_timers_fired_total") == 1


def test_the_status_is_there_line_by_line(clinic, admin):
    clinic.enroll()
    clinic.clock.set("2026-07-15T02:00:00")
    result = samples(admin())
    late = {name: result["journeys_late", ("line", name)] for name in LINES}
    is_late = {"timers", "worker", "backup"}
    assert late == {name: name in is_late for name in LINES}
    assert result["journeys_timer_late_seconds",] == 7200
    assert result["journeys_worker_silent_seconds",] == float("inf")
    assert result["journeys_release_enrollments", ("journey", "follow_up"), ("release", "1")] == 1
    assert result["journeys_database_up",] == 1
    assert result["journeys_database_bytes",] > 0


def test_no_metric_names_anybody(clinic, admin):
    """S8: a canary wherever a caller can put one."""
    enrollment, secrets = everything(clinic)
    text = admin().decode()
    for canary in (*CANARIES, *secrets, enrollment, "demo"):
        assert canary not in text
    assert "/v1/enrollments/<id:enrollment>/content" in text


def test_a_database_that_is_gone_is_said(clinic, tmp_path):
    from service.platform.database import open_database
    from service.publishing.service import Service

    removed = open_database(f"sqlite:///{tmp_path}/no/such/folder/a.db")
    standing = StatusCache(lateness_of(Configuration()))
    assert standing.of(Service(removed, clinic.clock, str, str)) is None
    assert standing.of(clinic.service) is not None


def test_the_database_is_looked_at_once_in_some_seconds(clinic):
    standing = StatusCache(lateness_of(Configuration()))
    first = standing.of(clinic.service)
    clinic.enroll()
    assert standing.of(clinic.service) is first


def test_metrics_are_not_for_everybody(clinic):
    assert clinic.call("GET", "/metrics").status == 401
    assert clinic.get("/metrics", clinic.staff).status == 403
    assert clinic.get("/metrics", clinic.token_of_patient("p1")).status == 403


COUNTS_AND_SHOWS = """
import os, sys
from service.platform import metrics
for _ in range(3):
    if os.fork() == 0:
        metrics.count_request("/healthz", "GET", 200, 0.01)
        os._exit(0)
    os.wait()
sys.stdout.write(metrics.exposition().decode())
"""


def test_processes_that_share_a_folder_count_together(tmp_path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", COUNTS_AND_SHOWS], env=environment, capture_output=True, check=True)
    key = ("journeys_http_requests_total", ("method", "GET"), ("route", "/healthz"), ("status", "200"))
    assert samples(done.stdout)[key] == 3


def test_a_worker_shows_its_own_on_the_loopback():
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/metrics"
    with metrics.exposed_on_loopback(port), urllib.request.urlopen(address, timeout=10) as answer:
        assert ("journeys_timers_fired_total",) in samples(answer.read())
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=10)
    with metrics.exposed_on_loopback(0):
        pass


def rules() -> list[dict]:
    (group,) = YAML(typ="safe").load(io.StringIO(ALERTS.read_text()))["groups"]
    return group["rules"]


def test_every_alert_asks_for_a_metric_and_labels_that_are_there(clinic, admin):
    clinic.enroll()
    other = samples(admin())
    names = {key[0] for key in other}
    labels = {key[0]: {name for name, _ in key[1:]} for key in other}
    for rule in rules():
        results = re.findall(r"(journeys_\w+)(?:\{(.*?)\})?", rule["expr"])
        assert results or rule["expr"].startswith("up{"), rule
        for name, selector in results:
            assert name in names, (rule["alert"], name)
            assert set(re.findall(r"(\w+)=", selector)) <= labels[name], rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}


def test_every_line_of_the_status_has_an_alert():
    text = json.dumps(rules())
    for name in LINES:
        assert f'journeys_late{{line=\\"{name}\\"}}' in text, name
