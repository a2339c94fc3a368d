"""A database that cannot be used ends a command with a sentence, and only some commands make one."""

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import text, update

from service.demo.reviewers import publish_signed
from service.operations import databases
from service.platform.database import DatabaseRefused, open_database, upgrade
from service.platform.database.tables import standings
from tests.folders import SAMPLES
from tests.service.cli.test_commands import FILES, run

COMMANDS = [["db", "upgrade"], ["db", "doctor"], ["status"], ["verify"], ["token", "list"], ["serve", "--port", "0"]]


def junk(file):
    file.write_bytes(b"junk")


def noise(file):
    file.write_bytes(bytes(range(256)) * 64)


def cut(file):
    file.write_bytes(file.read_bytes()[:20_000])


def without_a_page(file):
    data = file.read_bytes()
    file.write_bytes(data[:4_096] + b"\xff" * 4_096 + data[8_192:])


def newer(file):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_future'")


def foreign(file):
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")


def a_folder(file):
    file.unlink()
    file.mkdir()


def a_pipe(file):
    file.unlink()
    os.mkfifo(file)


def without_a_table(file):
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TABLE enrollments")


NOT_SQLITE = "is not an SQLite database. Name another file, or restore a backup"
DAMAGED = "is damaged. Restore a backup"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (junk, NOT_SQLITE),
        (noise, NOT_SQLITE),
        (cut, DAMAGED),
        (newer, "Install the version that made it, or restore the backup made before its upgrade."),
        (foreign, "has the tables of another program. Name a new file."),
        (a_folder, ""),
        (a_pipe, ""),
        (without_a_table, ""),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence(empty_sqlite, tmp_path, spoil, says, command):
    file = shutil.copy(empty_sqlite, tmp_path / "journeys.db")
    spoil(file)
    done = run(*command, "--database", f"sqlite:///{file}", code=1)
    assert "Traceback" not in done.output
    if says and (command != ["db", "doctor"] or spoil not in (newer, foreign)):
        assert says in done.output
        assert len(done.output.strip().splitlines()) == 1
    if spoil is newer:
        assert "run 'journeys db upgrade'" not in done.output.lower()


@pytest.mark.parametrize(
    ("spoil", "says"), [(junk, NOT_SQLITE), (cut, DAMAGED), (newer, "Install the version that made it, or restore")]
)
def test_publish_says_what_to_do_with_a_database_that_cannot_be_used(empty_sqlite, tmp_path, spoil, says):
    file = shutil.copy(empty_sqlite, tmp_path / "journeys.db")
    spoil(file)
    done = run("publish", "--as", "ada", *FILES, "--database", f"sqlite:///{file}", code=1)
    assert says in done.output
    assert "db upgrade" not in done.output


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        *[(junk, NOT_SQLITE), (cut, DAMAGED), (newer, "Install the version"), (a_pipe, "disk I/O error")],
        *[(a_folder, "unable to open"), (without_a_table, "tables: missing: enrollments")],
    ],
)
def test_doctor_says_what_is_wrong_with_a_database(empty_sqlite, tmp_path, spoil, says):
    file = shutil.copy(empty_sqlite, tmp_path / "journeys.db")
    spoil(file)
    done = run("doctor", "--database", f"sqlite:///{file}", *FILES, code=1, JOURNEYS_PORT="0")
    assert says in done.output


def test_a_newer_postgresql_is_refused_by_every_command(postgres_url, tmp_path):
    database = open_database(postgres_url)
    upgrade(database)
    with database.writing() as connection:
        before = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_future'")
    try:
        with pytest.raises(DatabaseRefused, match="Install the version that made it"):
            upgrade(database)
        for command in COMMANDS:
            done = run(*command, "--database", postgres_url, code=1)
            assert "Install the version that made it" in done.output
    finally:
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
        database.close()


#: Every command with a database that must exist before, with what else it needs.
NEED_ONE = [
    ["status"],
    ["stuck"],
    ["verify"],
    ["token", "list"],
    ["account", "list"],
    ["audit"],
    ["release", "list", "follow_up"],
    ["db", "doctor"],
    ["db", "backup", "copy.db"],
    ["db", "backup", "--done"],
    ["worker"],
]


@pytest.mark.parametrize("command", NEED_ONE, ids=" ".join)
def test_no_other_command_makes_a_database(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*command, "--database", "sqlite:///new.db", code=1, JOURNEYS_METRICS_PORT="0")
    assert done.output == "The database 'new.db' does not exist. Make it with 'journeys db upgrade'.\n"
    assert list(tmp_path.iterdir()) == []


def test_upgrade_makes_one(tmp_path):
    run("db", "upgrade", "--database", f"sqlite:///{tmp_path / 'a.db'}")
    assert (tmp_path / "a.db").exists()


def test_doctor_says_when_no_journey_is_active_and_counts_time_zones(empty_sqlite, tmp_path):
    url = f"sqlite:///{shutil.copy(empty_sqlite, tmp_path / 'journeys.db')}"

    def lines_of_doctor(**environment):
        return run("doctor", "--database", url, *FILES, JOURNEYS_PORT="0", **environment).output

    advice = "Until then nobody can be enrolled."
    assert f"WARN  journeys: none is published  -> Run 'journeys publish'. {advice}" in lines_of_doctor()
    with databases.open_service(url) as service:
        publish_signed(service, SAMPLES / "definitions", SAMPLES / "content")
    assert "ok   journeys: active: follow_up" in lines_of_doctor()
    assert "ok   time zones: " in lines_of_doctor()
    with databases.open_service(url) as service, service.database.writing() as connection:
        connection.execute(update(standings).values(publication=None))
    text = "WARN  journeys: published, and none is active: follow_up  -> Run 'journeys release activate <journey>'"
    assert text in lines_of_doctor()


def test_a_backup_to_a_full_disk_is_a_sentence_and_leaves_nothing(empty_sqlite, tmp_path):
    file = shutil.copy(empty_sqlite, tmp_path / "journeys.db")
    code = (
        "import resource, sys\n"
        "from service.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))\n"  # no file grows longer: like a full disk
        "main(sys.argv[1:])\n"
    )
    target = tmp_path / "out" / "copy.db"
    target.parent.mkdir()
    command = [sys.executable, "-c", code, "db", "backup", str(target), "--database", f"sqlite:///{file}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "copy.db could not be written, and was removed: " in done.stderr
    assert list(target.parent.iterdir()) == []
