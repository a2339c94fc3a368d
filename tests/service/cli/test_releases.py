"""The commands of those who change a journey that people are in."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.access import tokens
from service.access.tokens import recognise
from service.demo.reviewers import publish_signed
from service.enrollments.enroll import IncomingEnrollment, enroll
from service.enrollments.requests import EnrollRequest
from service.operations import databases
from tests.faults.test_moves import MAPPING, next_release
from tests.service.cli.test_commands import SAMPLES, publish, run
from tests.service.people import add_author

NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
CONTENT = ["--content", str(SAMPLES / "content")]


@pytest.fixture
def store(tmp_path):
    """A store with the sample journey and three people: in follow-up, under review since today, and a second look."""
    url = f"sqlite:///{tmp_path / 'journeys.db'}"
    run("db", "upgrade", "--database", url)
    with databases.open_service(url, clock=lambda: NOW) as service:
        publish_signed(service, SAMPLES / "definitions", SAMPLES / "content")
        add_author(service)
        caller = recognise(service, tokens.create_token(service, name="app", scopes=["enroll", "report"]).text)
        for number, entry in enumerate(("in_follow_up", "in_follow_up", "after_a_scan")):
            request = EnrollRequest(
                key="k",
                journey="follow_up",
                patient_ref=f"p{number}",
                locale="en",
                time_zone="Europe/Madrid",
                programme=None,
                facts={"last_scan_on": "2026-06-01"},
                entry=entry,
                at=datetime(2026, 6, 2, tzinfo=UTC),
                day=True,
            )
            enroll(
                service,
                caller,
                IncomingEnrollment(identity=("follow_up", f"p{number}", "k"), digest=str(number), request=request),
            )
    return url


@pytest.fixture
def files(tmp_path):
    """The next release, and a mapping to it."""
    definitions = next_release(tmp_path)
    mapping = tmp_path / "map.yaml"
    mapping.write_bytes(MAPPING)
    return ["--definitions", str(definitions), *CONTENT], ["--map", str(mapping)]


@pytest.mark.long
def test_a_release_is_compared_backtested_published_and_moved_to_and_back(store, files):
    """From the first look to the way back, as docs/analysis.md has it."""
    entry, mapped = files
    at = ["--database", store]
    done = run("compare", "follow_up", *at, *entry, code=1)
    assert "state renamed: disease.surveillance.next_scan_in_time" in done.output
    assert "1 patient is in 'disease.surveillance.under_review' of release 1, which has no target" in done.output
    result = json.loads(run("compare", "follow_up", *at, *entry, *mapped, "--format", "json", "--ids").output)
    assert [entry["people"] for entry in result["standing"]] == [2, 1, 3]
    assert result["without_target"] == []
    tried = json.loads(run("backtest", "follow_up", *at, *entry, *mapped, "--format", "json", code=1).output)
    assert (tried["enrollments"], tried["not_moved"]) == (3, 0)
    assert "from the beginning: place disease" in run("backtest", "follow_up", *at, *entry, "--ids", code=1).output
    assert "Nothing was published" in publish("follow_up", *at, *entry, "--policy", "follow", code=1).output
    publish("follow_up", *at, *entry, "--policy", "map", *mapped)
    assert "Release 2 is not approved" in run("migrate", "follow_up", "--to", "2", *at, code=1).output
    with databases.open_service(store) as service:
        publish_signed(service, Path(entry[1]), SAMPLES / "content")
    dry = run("migrate", "follow_up", "--to", "2", "--dry-run", *at).output
    assert "3 enrollments would be migrated; nothing was changed." in dry
    lines = run("migrate", "follow_up", "--to", "2", "--dry-run", "--ids", "--format", "json", *at).output.splitlines()
    assert [len(json.loads(line)["differences"]) > 0 for line in lines[:-1]] == [True] * 3
    assert json.loads(lines[-1])["people"] == 3
    run("migrate", "follow_up", "--to", "2", "--follow", *at, code=1)
    assert run("migrate", "follow_up", "--to", "2", *at).output == "3 enrollments migrated to release 2.\n"
    back = json.loads(run("migrate", "follow_up", "--to", "1", "--format", "json", *at).stdout)
    assert (back["moved"], back["failed"], back["resumed"]) == (3, 0, False)
    assert run("verify", *at).exit_code == 0


def test_wrong_use_is_said(store, files):
    at = ["--database", store]
    entry, mapped = files
    assert "Accepted: 1 (" in run("migrate", "follow_up", "--to", "9", *at, code=2).output
    assert (
        "either --follow or --map" in run("migrate", "follow_up", "--to", "1", "--follow", *mapped, *at, code=2).output
    )
    assert "No journey with the key 'other'" in run("compare", "other", *at, code=2).output
    assert "needs --map FILE" in publish("--policy", "map", *at, *entry, code=2).output
    assert "belongs to one journey" in publish("--policy", "map", *mapped, *at, *entry, code=2).output
    assert "No unfinished migration" in run("migrate", "follow_up", "--to", "1", "--give-up", *at).output


def test_programmes_are_compared_with_their_limits_of_messages(store, tmp_path):
    definitions = tmp_path / "compared"
    shutil.copytree(SAMPLES / "definitions", definitions)
    file = definitions / "follow_up.programmes.yaml"
    at = ["--database", store, "--definitions", str(definitions), *CONTENT]
    file.write_text("programmes:\n  north: {title: {en: North, es: Norte}, messages: {apart: PT4H}}\n")
    assert "programme added: north" in run("compare", "follow_up", *at).output
    with databases.open_service(store, clock=lambda: NOW) as service:
        publish_signed(service, definitions, SAMPLES / "content")
    assert "Nothing differs." in run("compare", "follow_up", *at).output
    file.write_text(file.read_text().replace("PT4H", "PT5H"))
    changed = 'programme changed: north: messages {"apart":14400} -> messages {"apart":18000}'
    assert changed in run("compare", "follow_up", *at).output
