"""Every command: what it prints, and that it ends with 0 (fine), 1 (problems found) or 2 (wrong use)."""

import http.cookiejar
import importlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from sqlalchemy import insert, update

from service.access import tokens
from service.access.tokens import PatientTokenRequest, recognise
from service.app import create_app
from service.cli import COMMANDS, UNLISTED, main
from service.demo.reviewers import sign_journey
from service.enrollments.mint import mint_for_patient
from service.operations.databases import open_service
from service.platform.configuration import Configuration
from service.platform.database import open_database
from service.platform.database.tables import tokens as token_rows
from service.platform.database.tables import worker_beats
from tests.folders import ROOT, SAMPLES, copy_samples
from tests.ports import free_port
from tests.service.caregiving import accepted_caregiver
from tests.service.clinic import joining
from tests.service.people import PASSWORD, add_author, add_to

STORY = SAMPLES / "stories" / "1-scan-due.yaml"
FILES = ["--definitions", str(SAMPLES / "definitions"), "--content", str(SAMPLES / "content")]


def run(*arguments, code=0, typed=None, **environment):
    """Run a command in this process and return its result, whose exit code is as expected."""
    runner = CliRunner(env={"JOURNEYS_DATABASE": None, **environment})
    done = runner.invoke(main, [str(argument) for argument in arguments], input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == code, done.output
    return done


def publish(*arguments, name="ada", password=PASSWORD, code=0):
    """Run `journeys publish` as an account, whose password is read from the standard input."""
    return run("publish", *arguments, "--as", name, code=code, typed=f"{password}\n")


def misspelt(definition):
    """Return a definition in which a state's name is written wrong where it is meant to be entered."""
    assert "to: scan_due}" in definition
    return definition.replace("to: scan_due}", "to: scan_dew}", 1)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A store with the sample journey published, to be copied."""
    file = tmp_path_factory.mktemp("published") / "journeys.db"
    run("db", "upgrade", "--database", f"sqlite:///{file}")
    with open_service(f"sqlite:///{file}") as service:
        add_author(service)
    publish("--database", f"sqlite:///{file}", *FILES)
    return file


@pytest.fixture
def store(published, tmp_path):
    """The address of a store with the sample journey published."""
    return f"sqlite:///{shutil.copy(published, tmp_path / 'journeys.db')}"


@pytest.fixture
def broken(tmp_path):
    """Copies of the sample journey with a misspelt state."""
    shutil.copytree(SAMPLES / "definitions", tmp_path / "definitions")
    file = tmp_path / "definitions" / "follow_up.yaml"
    text = file.read_text()
    file.write_text(misspelt(text))
    return ["--definitions", str(tmp_path / "definitions"), "--content", str(SAMPLES / "content")]


#: What costs most to import. A command of authors needs none of it.
HEAVY = {"alembic", "argon2", "authlib", "flask", "marshmallow", "prometheus_client", "psycopg", "pysqlite3"}
HEAVY |= {"pygments", "requests", "sqlalchemy", "structlog", "waitress", "werkzeug"}
LIGHT = [
    ["--version"],
    ["lint", *FILES],
    ["play", str(STORY), *FILES],
    ["test", str(STORY), *FILES],
    ["diagram", "follow_up", *FILES],
    ["paths", "follow_up", *FILES],
    ["prove", "follow_up", *FILES],
    ["reading", "follow_up", *FILES],
    ["render", "follow_up", "scan-due", *FILES],
]
#: In a process of its own, for this one has imported everything: what each command imported of what it need not.
IMPORTED = """
import contextlib, io, json, sys
from service.cli import main
heavy, found = set(json.loads(sys.argv[1])), {}
for arguments in json.loads(sys.argv[2]):
    with contextlib.redirect_stdout(io.StringIO()):
        main(arguments, standalone_mode=False)
    found[arguments[0]] = sorted(heavy & {name.partition(".")[0] for name in sys.modules})
print(json.dumps(found))
"""


class TestStart:
    def test_no_command_of_authors_imports_a_part_of_a_server_or_of_a_database(self):
        command = [sys.executable, "-c", IMPORTED, json.dumps(sorted(HEAVY)), json.dumps(LIGHT)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {arguments[0]: [] for arguments in LIGHT}

    def test_every_command_is_where_the_group_looks_for_it(self):
        listed = {(module, name) for entries in COMMANDS.values() for name, (module, _) in entries.items()}
        listed |= {(module, name) for name, module in UNLISTED.items()}
        assert listed == {
            (module, command.name) for module, _ in listed for command in importlib.import_module(module).COMMANDS
        }

    def test_the_help_imports_no_command(self):
        command = [sys.executable, "-c", IMPORTED, json.dumps(sorted({*HEAVY, "journeys"})), json.dumps([["--help"]])]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert json.loads(done.stdout) == {"--help": []}


class TestHelp:
    def test_every_command_is_listed_with_what_it_does(self):
        listed = run("--help").output
        for name in main.list_commands(None):
            assert re.search(rf"{name} +[A-Z]", listed), name

    def test_what_is_begun_is_completed_with_what_it_does(self):
        (results,) = ShellComplete(main, {}, "journeys", "_JOURNEYS_COMPLETE").get_completions([], "pl")
        assert results.value == "play"
        assert results.help.startswith("Play a story")

    @pytest.mark.parametrize("command", [*main.list_commands(None), *UNLISTED])
    def test_every_command_says_what_it_does(self, command):
        text = run(command, "--help").output
        assert "Usage" in text
        assert len(text.splitlines()) > 4

    def test_an_unknown_command_is_wrong_use_and_the_nearest_is_named(self):
        assert "publish" in run("publsh", code=2).output

    def test_an_unknown_option_is_wrong_use(self):
        assert "--no-such-option" in run("lint", "--no-such-option", code=2).output


class TestAuthoring:
    def test_lint_is_clean_on_what_has_no_mistakes(self):
        done = run("lint", "--definitions", SAMPLES / "definitions", "--content", SAMPLES / "content")
        assert "0 errors" in done.output

    def test_lint_names_the_line_and_ends_with_1(self, broken):
        done = run("lint", *broken, code=1)
        assert "unknown-target" in done.output
        assert "Did you mean 'scan_due'?" in done.output

    def test_lint_says_that_a_journey_has_no_folder_of_content(self, tmp_path):
        done = run("lint", "--definitions", SAMPLES / "definitions", "--content", tmp_path, code=1)
        assert f"warning content The folder {tmp_path / 'follow_up'} is missing, so patients" in done.output
        (tmp_path / "folow_up").mkdir()
        done = run("lint", "--definitions", SAMPLES / "definitions", "--content", tmp_path, code=1)
        assert "would see nothing. Rename 'folow_up' to 'follow_up'?" in done.output

    def test_lint_as_json(self, broken):
        problems = json.loads(run("lint", *broken, "--format", "json", code=1).stdout)
        assert {"file", "line", "column", "level", "rule", "message"} == set(problems[0])

    def test_lint_of_a_journey_that_does_not_exist_is_wrong_use(self):
        assert "follow_up" in run("lint", "no_such", *FILES, code=2).output

    def test_play_prints_the_transcript(self):
        story = STORY
        assert "journey follow_up" in run("play", story, *FILES).output

    def test_test_runs_all_stories(self):
        done = run("test", SAMPLES / "stories", *FILES)
        assert " passed, 0 failed" in done.output

    def test_a_story_that_comes_out_otherwise_ends_with_1(self, tmp_path):
        story = STORY.read_text()
        first = story.index("expect:")
        changed = story[:first] + "expect: {sees: [no-such-piece]}\n" + story[story.index("\n  - on", first) + 1 :]
        (tmp_path / "wrong.yaml").write_text(changed)
        output = run("test", tmp_path, *FILES, code=1).output
        assert "expected [no-such-piece]" in output
        assert '    2026-01-20  joins: "My treatment is over"' in output
        assert "2026-07-15" not in output, "the story is told until the expectation that is not met"

    @pytest.mark.long
    def test_watch_plays_the_stories_again_once_a_file_changes(self, tmp_path):
        story = Path(shutil.copy(STORY, tmp_path))
        command = [str(Path(sys.executable).parent / "journeys"), "test", str(tmp_path), "--watch", *map(str, FILES)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as playing:
            try:
                assert playing.stdout.readline() == "1 passed, 0 failed\n"
                time.sleep(1)  # watching begins after the first round
                story.write_text(story.read_text().replace("sees: [follow-up-plan", "sees: [no-such-piece", 1))
                assert any("no-such-piece" in line for line in iter(playing.stdout.readline, ""))
            finally:
                playing.kill()

    def test_a_hidden_character_in_a_story_is_reported(self, tmp_path):
        (tmp_path / "story.yaml").write_text(f"# \u202e\n{STORY.read_text()}")
        assert "story.yaml:1:3 error hidden-character" in run("test", tmp_path, *FILES, code=1).output

    def test_update_writes_what_happened(self, tmp_path):
        source = STORY
        copy = Path(shutil.copy(source, tmp_path))
        run("test", tmp_path, "--update", *FILES)
        run("test", tmp_path, *FILES)
        assert copy.read_text().count("expect") == source.read_text().count("expect")

    @pytest.mark.parametrize(("form", "begins"), [("svg", "<?xml"), ("mermaid", "---")])
    def test_diagram(self, form, begins):
        assert run("diagram", "follow_up", "--format", form, *FILES).output.startswith(begins)

    def test_render(self):
        lines = run("render", "follow_up", "scan-due", *FILES).output.splitlines()
        assert lines[:3] == ["Your follow-up scan is due", "", "It is time for your follow-up scan."]

    def test_render_of_an_unknown_piece_is_wrong_use_with_a_hint(self):
        assert "'where-to-ask'" in run("render", "follow_up", "where-to-aks", *FILES, code=2).output


class TestStore:
    def test_publishing_twice_changes_nothing(self, store):
        again = json.loads(publish("--database", store, "--format", "json", *FILES).stdout)
        assert again["published"]
        assert all(not journey["added"] and not journey["changed"] for journey in again["journeys"])

    def test_a_broken_definition_is_not_published_and_every_problem_is_said(self, store, broken):
        done = publish("--database", store, *broken, code=1)
        assert "unknown-target" in done.output
        assert "Nothing was published" in done.output

    def test_create_prints_only_the_token(self, store):
        text = run("token", "create", "app", "--scope", "read", "--database", store).stdout
        assert len(text.split()) == 1
        assert text.startswith("jt_")

    def test_tokens_are_listed_without_their_secrets_and_revoked(self, store):
        secret = run("token", "create", "app", "--scope", "read", "--database", store).stdout.strip()
        listed = run("token", "list", "--database", store, "--format", "json").stdout
        assert secret.split("_", 2)[2] not in listed  # a secret may have more of them
        token = json.loads(listed)[0]["id"]
        run("token", "revoke", token, "--database", store)
        run("token", "revoke", token, "--database", store, code=1)
        assert json.loads(run("token", "list", "--database", store, "--format", "json").stdout)[0]["revoked_at"]

    def test_an_unknown_scope_and_a_bad_duration_are_wrong_use(self, store):
        create = ("token", "create", "app", "--database", store)
        assert "enroll" in run(*create, "--scope", "everything", code=2).output
        assert "P6M" in run(*create, "--scope", "read", "--expires-in", "soon", code=2).output
        assert json.loads(run("token", "list", "--database", store, "--format", "json").stdout) == []

    def test_nothing_is_stuck_and_nothing_differs_in_a_new_store(self, store):
        assert run("stuck", "--database", store, "--format", "json").stdout.strip() == "[]"
        assert run("verify", "--database", store, "--format", "json").stdout.strip() == "[]"
        repaired = run("verify", "--database", store, "--repair", "--format", "json")
        assert (repaired.stdout.strip(), repaired.stderr.splitlines()[0]) == ("[]", "0 enrollments repaired.")

    def test_the_workers_are_told_that_the_clock_is_right(self, store):
        done = run("resume", "--database", store)
        assert done.output.startswith("The workers go on at 20")

    def test_doctor_finds_everything_in_order_and_shows_the_configuration(self, store):
        port = free_port()
        done = run("doctor", "--database", store, *FILES, JOURNEYS_PORT=str(port))
        assert "BAD" not in done.output
        assert f"port = {port}  (JOURNEYS_PORT)" in done.output
        assert f"database = {store}  (--database)" in done.output

    def test_doctor_warns_of_an_account_that_can_do_everything_and_fails_without_https(self, store):
        with open_service(store) as service:
            add_to(service, "eva", roles=["publisher", "reviewer"])
        settings = {"JOURNEYS_PORT": str(free_port()), "JOURNEYS_PROXIES": "1"}
        at = ("doctor", "--database", store, *FILES)
        output = run(*at, code=1, **settings).output
        assert "WARN  accounts: alone may publish, sign and activate: eva  -> Let different accounts" in output
        assert "BAD  https: off, so cookies are not Secure" in output
        assert "BAD  names: a request may name any host  -> Set JOURNEYS_TRUSTED_HOSTS" in output
        settings |= {"JOURNEYS_HTTPS": "true", "JOURNEYS_TRUSTED_HOSTS": "api.example"}
        report = json.loads(run(*at, "--format", "json", **settings).output)  # a warning does not fail
        assert [entry["check"] for entry in report["findings"] if entry["warning"]] == ["accounts", "journeys"]

    def test_doctor_says_everything_that_is_wrong_and_what_to_do(self, store, broken):
        database = open_database(store)
        with database.writing() as connection:
            late, now = datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC)
            values = {"started_at": late, "fired": 0}
            connection.execute(insert(worker_beats).values(worker="w", beat_at=now + timedelta(hours=2), **values))
        database.close()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = run("doctor", "--database", store, *broken, "--format", "json", code=1, JOURNEYS_PORT=port)
        results = {finding["check"]: finding for finding in json.loads(done.output)["findings"] if not finding["good"]}
        assert {name for name, finding in results.items() if not finding["warning"]} == {"port", "clock", "files"}
        assert all(entry["advice"] for entry in results.values())
        assert results["clock"]["found"].startswith("1 h 59 min") or results["clock"]["found"].startswith("2 h")
        assert "1 error in follow_up" in results["files"]["found"]

    @pytest.mark.parametrize(
        ("address", "says"),
        [
            ("postgresql://nobody:hush-hush@127.0.0.1:1/none", "cannot be reached  -> Start it"),
            ("sqlite:///no-such-file.db", "is not there yet  -> Run 'journeys db upgrade'"),
            ("mysql://x", "BAD  configuration: --database is not accepted"),
        ],
    )
    def test_doctor_says_that_there_is_no_database(self, address, says):
        output = run("doctor", "--database", address, *FILES, code=1, JOURNEYS_PORT=str(free_port())).output
        assert says in output
        assert "hush-hush" not in output

    def test_a_configuration_file_is_named_for_every_command(self, store, tmp_path):
        file = tmp_path / "journeys.toml"
        file.write_text(f'database = "{store}"\nlate_worker = 60\n')
        assert "within 1 min" in run("--config", file, "status", code=1).output
        assert "within 1 min" in run("status", code=1, JOURNEYS_CONFIG=str(file)).output
        file.write_text("prot = 1\nlate_wroker = 60\n")
        output = run("--config", file, "status", code=2).output
        assert "did you mean port?" in output.replace("\n", " ")
        assert "late_worker?" in output

    @pytest.mark.parametrize("command", ["stuck", "verify", "doctor"])
    def test_the_other_reports_are_options_of_status(self, store, command, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)  # where no files of authors are, which the doctor would check for seconds
        own = json.loads(run(command, "--database", store, "--format", "json").output)
        asked = json.loads(run("status", f"--{command}", "--database", store, "--format", "json").output)
        assert type(asked) is type(own)
        if command == "doctor":
            assert [finding["check"] for finding in asked["findings"]] == [each["check"] for each in own["findings"]]
        else:
            assert asked == own

    def test_status_shows_on_one_screen_what_is_late(self, store, tmp_path):
        text = run("status", "--database", store, code=1).output.splitlines()
        assert len(text) < 25
        assert [line.split()[1] for line in text if line.startswith("LATE")] == ["worker"]
        result = json.loads(run("status", "--database", store, "--format", "json", code=1).output)
        assert [line["name"] for line in result["lines"] if not line["good"]] == ["worker"]
        assert result["last_backup"] is None
        run("db", "backup", tmp_path / "copy.db", "--database", store)
        result = json.loads(run("status", "--database", store, "--format", "json", code=1).output)
        assert result["last_backup"] is not None

    def test_a_backup_is_restored_to_a_new_file(self, store, tmp_path):
        run("db", "backup", tmp_path / "copy.db", "--database", store)
        target = tmp_path / "restored.db"
        assert "0 differences" in run("db", "restore", tmp_path / "copy.db", "--to", target).output
        run("db", "restore", tmp_path / "copy.db", "--to", target, code=1)
        assert "follow_up" in publish("--database", f"sqlite:///{target}", *FILES).output
        run("db", "backup", "--done", "--database", store)
        run("db", "backup", "--database", store, code=2)
        run("db", "backup", tmp_path / "other.db", "--done", "--database", store, code=2)

    def test_doctor_looks_at_a_store(self, store):
        findings = json.loads(run("db", "doctor", "--database", store, "--format", "json").stdout)
        assert all(finding["good"] for finding in findings)
        assert {"tables", "SQLite", "journal", "synchronous"} <= {finding["check"] for finding in findings}

    def test_doctor_says_that_tables_are_missing(self, tmp_path):
        (tmp_path / "new.db").touch()
        assert "none" in run("db", "doctor", "--database", f"sqlite:///{tmp_path / 'new.db'}", code=1).output

    def test_backup_is_complete_and_does_not_overwrite(self, store, tmp_path):
        target = tmp_path / "backup.db"
        run("db", "backup", target, "--database", store)
        with sqlite3.connect(target) as copy:
            assert copy.execute("select count(*) from releases").fetchone() == (1,)
        run("db", "backup", target, "--database", store, code=1)

    @pytest.mark.parametrize("url", ["nonsense", "sqlite://", "mysql://host/x"])
    def test_what_is_no_database_is_wrong_use(self, url):
        assert "sqlite:///" in run("stuck", "--database", url, code=2).output

    def test_a_database_that_cannot_be_opened_is_said_in_its_own_words(self, tmp_path):
        done = run("db", "upgrade", "--database", f"sqlite:///{tmp_path / 'none' / 'x.db'}", code=1)
        assert "unable to open database file" in done.output

    @pytest.mark.parametrize("command", ["serve", "demo"])
    def test_a_port_that_is_taken_is_said_before_anything_is_made(self, command, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = run(command, "--port", taken.getsockname()[1], code=1)
        assert "in use" in done.output
        assert not list(tmp_path.iterdir())

    def test_a_port_for_metrics_that_is_taken_is_said_before_the_worker_begins(self, store):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = run("worker", "--database", store, code=1, JOURNEYS_METRICS_PORT=str(port))
        message = f"Cannot listen on 127.0.0.1, port {port}: Address already in use. Set metrics_port to another port"
        assert done.output.startswith(message)
        assert len(done.output.splitlines()) == 1

    def test_a_setting_that_does_not_exist_is_wrong_use(self):
        assert "JOURNEYS_PROT" in run("serve", code=2, JOURNEYS_PROT="8000").output


@pytest.mark.long
class TestServing:
    """Real processes, on loopback, stopped by their process ids."""

    def start(self, *arguments, folder):
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-c", "from service.cli import main; main()", *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        # A line that never comes must not be waited for for ever.
        timer = threading.Timer(90, process.kill)
        timer.daemon = True
        timer.start()
        return process

    def address(self, process):
        """Where a server says it serves; what it said instead is in the failure."""
        message = []
        for line in process.stdout:
            message.append(line)
            if "Serving on" in line:
                return line.split("Serving on ")[1].split("/docs")[0].strip()
        raise AssertionError("".join(message))

    def is_ready(self, address):
        for _ in range(200):  # until its releases are compiled
            try:
                with urllib.request.urlopen(f"{address}/readyz") as answer:  # noqa: S310 - loopback
                    return answer.status == 200
            except urllib.error.HTTPError:
                time.sleep(0.05)
        return False

    def signs_in(self, room, name, password):
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(cookies)
        page = browser.open(room).read().decode()
        proof = re.search(r'name="from_here" value="(\w+)"', page)[1]
        form = urllib.parse.urlencode({"from_here": proof, "name": name, "password": password}).encode()
        try:
            return "Sign out" in browser.open(f"{room}/sign-in", form).read().decode()
        except urllib.error.HTTPError as refused:
            assert refused.code in (401, 403)
            return False

    def test_serve_answers_refuses_a_second_and_stops_when_asked(self, store, tmp_path):
        first = self.start("serve", "--port", 0, "--database", store, folder=tmp_path)
        try:
            address = self.address(first)
            assert self.is_ready(address)
            second = self.start("serve", "--port", 0, "--database", store, folder=tmp_path)
            message, _ = second.communicate(timeout=60)
            assert second.returncode == 1, message
            worker = self.start("worker", "--database", store, folder=tmp_path)
            message, _ = worker.communicate(timeout=60)
            assert worker.returncode == 1, message
        finally:
            first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
        assert first.returncode == 0

    def test_drafts_serve_what_lints_clean_and_keep_it_while_a_file_is_wrong(self, tmp_path):
        copy_samples(tmp_path)
        server = self.start("serve", "--drafts", "--port", 0, folder=tmp_path)
        try:
            create = server.stdout.readline().partition("A token for your app: journeys ")[2].split()
            address = self.address(server)
            token = subprocess.run(
                [sys.executable, "-c", "from service.cli import main; main()", *create],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            call = urllib.request.Request(f"{address}/v1/journeys", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
            assert urllib.request.urlopen(call).status == 200  # noqa: S310 - loopback
            file = tmp_path / "definitions" / "follow_up.yaml"
            file.write_text(misspelt(file.read_text()))
            assert any("Nothing was published" in line for line in server.stdout)
            assert self.is_ready(address)
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=30)

    def test_demo_ends_with_a_running_service_staff_to_sign_in_as_and_three_lines_to_paste(self, tmp_path):
        demo = self.start(
            *("demo", "--port", 0, "--definitions", ROOT / "definitions", "--content", ROOT / "content"),
            folder=tmp_path,
        )
        try:
            self.address(demo)
            message = list(itertools.takewhile(lambda line: not line.startswith("http"), demo.stdout))
            lines = [line for line in message if line.startswith("curl")]
            room, care = re.search(r"(http://\S+/room)\. .* (http://\S+/care)\n", "".join(message)).groups()
            password = next(line for line in message if "password of all" in line).split()[-1]
            for address, name in ((room, "reviewer"), (care, "nurse")):
                assert f"  sign in as {name}: " in "".join(message)
                assert self.signs_in(address, name, password)
                assert not self.signs_in(address, name, password[::-1])
            if shutil.which("curl") is None:
                pytest.skip("curl is not installed")
            answers = [
                json.loads(subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout)
                for line in lines
            ]
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.communicate(timeout=30)
        assert answers[0]["items"][0]["locale"] == "es"
        assert answers[1]["now"]["state"]["disease"]["state"] == "recurrence"
        assert answers[2]["decision"]["outcome"] == "advanced"


def test_a_token_of_a_caregiver_names_its_enrollment_and_lists_show_who_minted(store):
    with open_service(store) as service:
        sign_journey(service, "follow_up")
        app = recognise(service, tokens.create_token(service, name="app", scopes=["enroll"]).text)
        clinic = create_app(Configuration(database=store), clock=service.clock, new_id=service.new_id, service=service)
        headers = {"Authorization": f"Bearer {tokens.create_token(service, name='app', scopes=['enroll']).text}"}
        answer = clinic.test_client().post("/v1/enrollments", json=joining("p1"), headers=headers)
        enrollment = answer.get_json()["id"]
        mint_for_patient(service, app, PatientTokenRequest(patient_ref="p1", journey=None, expires_in=600))
        aunt = accepted_caregiver(service, enrollment)
        ended = tokens.create_token(service, name="kin", scopes=["read"]).token.id
        with service.database.writing() as connection:
            connection.execute(update(token_rows).where(token_rows.c.id == ended).values(reports_as="family"))
    listed = json.loads(run("token", "list", "--format", "json", "--database", store).stdout)
    patient, family = (next(row for row in listed if row["name"] == name) for name in ("patient", "family"))
    assert (patient["minted_by"], patient["enrollments"]) == (app.token, [enrollment])
    assert (family["minted_by"], family["enrollments"], family["caregiver"]) == (None, [enrollment], aunt.caregiver.id)
    text = run("token", "list", "--database", store).stdout
    assert f"minted by {app.token}" in text and "p1" not in text and "aunt" not in text
    assert f"caregiver {aunt.caregiver.id}" in text
    assert next(line for line in text.splitlines() if line.startswith(ended)).endswith("not a caregiver's")
    run("token", "revoke", app.token, "--database", store)
    listed = json.loads(run("token", "list", "--format", "json", "--database", store).stdout)
    assert [row["name"] for row in listed if row["revoked_at"]] == ["app", "patient"]
