"""The database: what is stored means the same on both, migrations lead to the tables, a file has one server."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from journeys.primitives.canonical import canonical
from service import processes
from service.platform.configuration import Configuration
from service.platform.database import (
    AlreadyServed,
    DatabaseRefused,
    current_revision,
    downgrade,
    head_revision,
    open_database,
    serving_alone,
    upgrade,
)
from service.platform.database.payload import seal, unseal
from service.platform.database.schema import MIGRATIONS, known_revisions
from service.platform.database.tables import metadata, records, tokens, worker_beats
from service.platform.errors import Unavailable

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_the_migrations_lead_to_the_tables(database):
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_numbers_of_the_files_are_the_revisions_that_alembic_knows():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert head_revision() == scripts.get_current_head()
    assert known_revisions() == {script.revision for script in scripts.walk_revisions()}


def test_every_migration_goes_down_and_up_again(tmp_path, migrated_postgres):
    for url in (f"sqlite:///{tmp_path}/a.db", migrated_postgres):
        opened = open_database(url)
        upgrade(opened)
        before = shape_of(opened)
        downgrade(opened, "base")
        assert current_revision(opened) is None
        assert set(shape_of(opened)) <= {"alembic_version"}
        upgrade(opened)
        assert current_revision(opened) == head_revision()
        assert shape_of(opened) == before
        opened.close()


def test_an_upgrade_ends_the_tokens_of_families_that_are_no_caregivers(tmp_path, migrated_postgres):
    for url in (f"sqlite:///{tmp_path}/a.db", migrated_postgres):
        opened = open_database(url)
        upgrade(opened)
        downgrade(opened, "0031")
        common = {"digest": "d", "scopes": "read", "created_at": NOW}
        rows = [
            common | {"id": "bound", "name": "aunt", "reports_as": "family", "enrollments": "e1", "caregiver": None},
            common | {"id": "unbound", "name": "kin", "reports_as": "family", "enrollments": None, "caregiver": None},
            common | {"id": "of-c1", "name": "c", "reports_as": "family", "enrollments": "e1", "caregiver": "c1"},
            common | {"id": "app", "name": "app", "reports_as": "patient", "enrollments": None, "caregiver": None},
        ]
        with opened.writing() as connection:
            connection.execute(tokens.delete())
            connection.execute(tokens.insert(), rows)
        upgrade(opened)
        with opened.writing() as connection:
            ended = connection.execute(
                select(tokens.c.id).where(tokens.c.revoked_at.is_not(None)).order_by(tokens.c.id)
            )
            assert list(ended.scalars()) == ["bound", "unbound"]
            connection.execute(tokens.delete())
        opened.close()


def shape_of(database):
    result = inspect(database.engine)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in result.get_columns(table)],
            sorted(index["name"] for index in result.get_indexes(table)),
            result.get_pk_constraint(table)["constrained_columns"],
        )
        for table in sorted(result.get_table_names())
    }


def test_a_migration_that_fails_leaves_nothing(tmp_path, postgres_url, monkeypatch):
    from alembic import op

    opened = open_database(f"sqlite:///{tmp_path}/a.db")
    full, count = op.create_index, []

    def failing(*args, **options):
        count.append(1)
        if len(count) == 3:
            raise RuntimeError("the power is gone")
        return full(*args, **options)

    monkeypatch.setattr(op, "create_index", failing)
    with pytest.raises(RuntimeError):
        upgrade(opened)
    assert shape_of(opened) == {}
    monkeypatch.undo()
    upgrade(opened)
    assert current_revision(opened) == head_revision()
    opened.close()


def test_instants_come_back_aware_in_utc(database):
    east = timezone(timedelta(hours=2))
    written = datetime(2026, 3, 29, 2, 30, 0, 5, tzinfo=east)
    with database.writing() as connection:
        connection.execute(insert(worker_beats).values(worker="w", started_at=written, beat_at=written, fired=1))
    with database.reading() as connection:
        result = connection.execute(select(worker_beats.c.beat_at)).scalar()
    assert result == written
    assert result.tzinfo is UTC


def test_naive_times_are_refused(database):
    with pytest.raises(StatementError), database.writing() as connection:
        connection.execute(
            insert(worker_beats).values(
                worker="w",
                started_at=datetime(2026, 1, 1),  # noqa: DTZ001
                beat_at=datetime(2026, 1, 1),  # noqa: DTZ001
                fired=0,
            )
        )


def test_sqlite_is_as_strict_about_types_as_postgresql(database):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises((DBAPIError, StatementError)), database.writing() as connection:
        values = {"worker": "w", "started_at": now, "beat_at": now}
        connection.execute(insert(worker_beats).values(values | {"fired": text("'many'")}))


def test_a_record_needs_its_enrollment(database):
    with pytest.raises(DBAPIError), database.writing() as connection:
        connection.execute(
            insert(records).values(
                enrollment="nobody",
                revision=1,
                sequence=0,
                kind="event",
                item="x",
                recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
                payload=b"{}",
            )
        )


def test_what_raises_is_not_stored(database):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.execute(insert(worker_beats).values(worker="w", started_at=now, beat_at=now, fired=0))
        raise RuntimeError
    with database.reading() as connection:
        assert connection.execute(select(worker_beats)).all() == []
    with database.writing():  # and no lock is left behind
        pass


def test_what_is_tried_can_be_read_within_and_is_undone_at_the_end(database):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for worker in ("w", "w"):
        with database.trying() as connection:
            connection.execute(insert(worker_beats).values(worker=worker, started_at=now, beat_at=now, fired=0))
            assert connection.execute(select(worker_beats.c.worker)).scalars().all() == ["w"]
        with database.reading() as connection:
            assert connection.execute(select(worker_beats)).all() == []
    with database.writing() as connection:  # and no lock is left behind
        connection.execute(insert(worker_beats).values(worker="w", started_at=now, beat_at=now, fired=0))


def test_after_an_error_nobody_is_shown_the_rows_of_that_time(database_url, database):
    """A statement that was not read to its end would keep its connection at what was so when it began."""
    reader = open_database(database_url)
    tables = "SELECT name FROM sqlite_master" if database.is_sqlite else "SELECT relname FROM pg_class"
    pinned = []
    with pytest.raises(Unavailable), reader.reading() as connection:
        pinned.append(connection.connection.cursor())
        pinned[0].execute(tables)
        pinned[0].fetchone()
        raise OperationalError("", None, Exception())
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with database.writing() as connection:
        connection.execute(insert(worker_beats).values(worker="w", started_at=now, beat_at=now, fired=0))
    with reader.reading() as connection:
        assert connection.execute(select(worker_beats.c.worker)).scalars().all() == ["w"]
    reader.close()


def test_sqlite_is_durable_and_guarded(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path}/a.db")
    with opened.reading() as connection:
        results = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert results == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    opened.close()


def test_sqlite_keeps_one_connection_open_for_writing_and_replaces_it_after_an_error(tmp_path):
    """A transaction that failed leaves nothing behind, whether its statement, its code or its commit failed."""
    opened = open_database(f"sqlite:///{tmp_path}/a.db")
    upgrade(opened)

    now = datetime(2026, 1, 1, tzinfo=UTC)

    def beat(name):
        with opened.writing() as connection:
            connection.execute(insert(worker_beats).values(worker=name, started_at=now, beat_at=now, fired=0))
            return connection.connection.dbapi_connection

    assert beat("first") is beat("second")
    with pytest.raises(DBAPIError):
        beat("first")
    with pytest.raises(ZeroDivisionError), opened.writing() as connection:
        connection.execute(insert(worker_beats).values(worker="undone", started_at=now, beat_at=now, fired=0))
        raise ZeroDivisionError
    with pytest.raises(DBAPIError), opened.writing() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # so that the commit is what fails
        connection.execute(insert(worker_beats).values(worker="undone", started_at=now, beat_at=now, fired=0))
        row = {"revision": 1, "sequence": 0, "kind": "x", "item": "x", "recorded_at": now, "payload": b""}
        connection.execute(insert(records).values(enrollment="nobody", **row))
    assert beat("third") is beat("fourth")
    opened.close()
    assert {file.name for file in tmp_path.iterdir()} == {"a.db"}  # the last connection that closes empties the log
    again = open_database(f"sqlite:///{tmp_path}/a.db")
    with again.reading() as connection:
        names = connection.execute(select(worker_beats.c.worker).order_by(worker_beats.c.worker)).scalars().all()
        assert names == ["first", "fourth", "second", "third"]
    again.close()


def test_an_old_sqlite_is_refused(monkeypatch, tmp_path):
    import pysqlite3

    monkeypatch.setattr(pysqlite3, "sqlite_version", "3.51.2")
    with pytest.raises(DatabaseRefused):
        open_database(f"sqlite:///{tmp_path}/a.db")


def test_a_database_that_cannot_be_reached_is_unavailable(tmp_path):
    for url in (f"sqlite:///{tmp_path}/no/such/folder/a.db", "postgresql://nobody@127.0.0.1:1/nothing"):
        opened = open_database(url)
        with pytest.raises(Unavailable), opened.reading():
            pass


def test_what_is_undone_leaves_its_connection_fit_for_the_next(database):
    """The end of a transaction ends it on the driver: the pool does not look again."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(3):
        with pytest.raises(RuntimeError), database.writing() as connection:
            connection.execute(insert(worker_beats).values(worker="w", started_at=now, beat_at=now, fired=0))
            raise RuntimeError
        with database.reading() as connection:
            assert connection.execute(select(worker_beats)).all() == []
    with pytest.raises((DBAPIError, Unavailable)), database.writing() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    with database.writing() as connection:
        connection.execute(insert(worker_beats).values(worker="w", started_at=now, beat_at=now, fired=0))
    with database.reading() as connection:
        assert len(connection.execute(select(worker_beats)).all()) == 1


WHOLE_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.characters(max_codepoint=0x9F)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=12,
)


@given(WHOLE_JSON)
def test_what_is_sealed_has_the_canonical_bytes(value):
    """Control characters, letters beyond the first plane and numbers of any length among it."""
    assert seal(value) == canonical(value)
    if not re.search(rb"\d{20}|-\d{19}", seal(value)):  # what fits no request body
        assert unseal(seal(value)) == value


@pytest.mark.parametrize("value", ["\ud800", {1: "a"}, [2**64], {"b": -(2**63) - 1}, {"\U00010000": 1, "\uffff": 2}])
def test_what_is_written_otherwise_is_written_as_ever(value):
    written = []
    for write in (seal, canonical):
        try:
            written.append(write(value))
        except ValueError as error:
            written.append(type(error))
    assert written[0] == written[1]


def test_a_second_server_of_one_file_is_refused(tmp_path):
    file = tmp_path / "a.db"
    with serving_alone(file):
        with pytest.raises(AlreadyServed), serving_alone(file):
            pass
        other = (
            "import sys, pathlib\nfrom service.platform.database import AlreadyServed, serving_alone\n"
            "try:\n    with serving_alone(pathlib.Path(sys.argv[1])): pass\n"
            "except AlreadyServed: sys.exit(7)\n"
        )
        assert subprocess.run([sys.executable, "-c", other, str(file)], check=False).returncode == 7
    with serving_alone(file):
        pass
    with serving_alone(None), serving_alone(None):
        pass


def test_a_server_refuses_a_database_that_is_not_current(postgres_url):
    opened = open_database(postgres_url)
    downgrade(opened, "base")
    try:
        with pytest.raises(DatabaseRefused, match="db upgrade"):
            processes.run_worker(Configuration(database=postgres_url))
    finally:
        upgrade(opened)
        opened.close()


def test_postgresql_that_could_lose_what_it_acknowledged_is_refused_at_the_start(migrated_postgres):
    opened = open_database(migrated_postgres)
    name = opened.engine.url.database

    def set_commit(value: str) -> None:
        with opened.reading() as connection:
            connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = {value}"))
        opened.close()

    set_commit("off")
    try:
        with pytest.raises(DatabaseRefused, match="synchronous commit is off"):
            processes.run_worker(Configuration(database=migrated_postgres))
    finally:
        set_commit("on")


def test_what_takes_too_long_on_postgresql_is_unavailable(migrated_postgres):
    """A lock, a statement, a connection: each is waited for as long as is set, and the next one is served."""
    waits = {"connection_wait": 0.2, "lock_timeout": 0.1, "statement_timeout": 0.3}
    config = Configuration(database=migrated_postgres, connections=2, **waits)
    opened, other = open_database(config.url, config.postgresql), open_database(migrated_postgres)
    with other.writing() as holder:
        holder.execute(text("LOCK TABLE worker_beats"))
        with pytest.raises(Unavailable), opened.writing() as connection:
            connection.execute(select(worker_beats))
    with pytest.raises(Unavailable), opened.reading() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))
    with opened.reading(), opened.reading(), pytest.raises(Unavailable), opened.reading():
        pass
    with opened.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "1min"
    opened.close()
    other.close()
