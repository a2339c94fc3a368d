"""C10, A15: migrations lead to the tables, up and down, with data at every revision; one that dies leaves nothing."""

import datetime
import os

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, Integer, LargeBinary, MetaData, func, inspect, select

from service.platform.database import current_revision, downgrade, head_revision, open_database, upgrade
from service.platform.database.schema import MIGRATIONS
from service.platform.database.tables import metadata
from tests.faults.child import Child, die
from tests.faults.counting import AMOUNT, tally
from tests.faults.tap import AFTER, BEFORE, tap

ROWS = 3
WHEN = datetime.datetime(2026, 3, 29, 1, 30, tzinfo=datetime.UTC)


def revisions() -> list[str]:
    """Return every revision, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def blank_url(request, tmp_path):
    """The address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/blank.db"
        return
    server = request.getfixturevalue("own_postgres")
    name = f"blank_{os.getpid()}"
    server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


def tables_of(database):
    found = MetaData()
    found.reflect(database.engine)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(database) -> None:
    """Put rows into every table that has none: texts, numbers, bytes and times that can be told apart."""
    with database.writing() as connection:
        for table in tables_of(database):
            if connection.execute(select(func.count()).select_from(table)).scalar() == 0:
                rows = [{column.name: value(column, number) for column in table.columns} for number in range(ROWS)]
                connection.execute(table.insert(), rows)


def value(column, number: int):
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return value(key.column, number)
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, LargeBinary):
        return b'{"number":%d}' % number
    if isinstance(column.type, DateTime):
        return WHEN + datetime.timedelta(days=number)
    return f"{column.table.name} {column.name} {number}"


def rows_of(database) -> dict:
    """Return every row of every table, each as what its columns hold."""
    found = {}
    with database.reading() as connection:
        for table in tables_of(database):
            rows = connection.execute(select(table)).mappings()
            found[table.name] = sorted(({k: str(v) for k, v in row.items()} for row in rows), key=str)
    return found


def shape_of(database) -> dict:
    """Return tables, columns, keys and indexes."""
    found = inspect(database.engine)
    return {
        table: (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)),
            sorted((str(one["name"]), tuple(one["column_names"]), one["unique"]) for one in found.get_indexes(table)),
            sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted((tuple(one["constrained_columns"]), one["referred_table"]) for one in found.get_foreign_keys(table)),
        )
        for table in sorted(found.get_table_names())
        if table != "alembic_version"
    }


def in_common(one: dict, other: dict) -> tuple[dict, dict]:
    """Return two states of the data, each without the tables and columns that the other lacks."""

    def kept(of, beside):
        return {
            name: [{k: v for k, v in row.items() if k in beside[name][0]} for row in rows]
            for name, rows in of.items()
            if rows and beside.get(name)
        }

    return kept(one, other), kept(other, one)


def test_c10_a15_up_and_down_with_data_at_every_revision(blank_url):
    """Models are what the migrations lead to; up, down and up again nothing changes, neither tables nor rows."""
    with tally("C10", "migrated up, down and up with data", blank_url) as counted:
        database = open_database(blank_url)
        shapes = {}
        for place, revision in enumerate(revisions()):
            upgrade(database, revision)
            fill(database)
            shapes[revision] = shape_of(database)
            before = rows_of(database)
            assert all(before.values())
            for later in revisions()[place + 1 :]:
                upgrade(database, later)
                ours, theirs = in_common(before, rows_of(database))
                assert ours == theirs
                counted.rounds += 1
            downgrade(database, revision)
            assert rows_of(database) == before
            assert shape_of(database) == shapes[revision]
            counted.rounds += 1
        assert current_revision(database) == head_revision()
        with database.reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for revision in reversed(revisions()):
            downgrade(database, revision)
            assert shape_of(database) == shapes[revision]
        downgrade(database, "base")
        assert (shape_of(database), current_revision(database)) == ({}, None)
        upgrade(database)
        assert shape_of(database) == shapes[revisions()[-1]]
        database.close()


def dies_at(url: str, migrate, count: int) -> Child:
    """Migrate in a process that dies before its `count`-th call to the driver."""

    def work(say) -> None:
        database = open_database(url)
        seen = []

        def watch(name, when) -> None:
            if (name, when) == ("COMMIT", AFTER):
                say("committed")
            if when == BEFORE:
                seen.append(1)
                if len(seen) == count:
                    die()

        tap(database, watch)
        migrate(database)
        say(len(seen))

    return Child(work)


@pytest.mark.parametrize("way", ["up from nothing", "up with data", "down with data"])
def test_c10_a_migration_that_dies_leaves_nothing(blank_url, way):
    """Whichever call it dies at, the tables and rows are as before or as after, never between; then it can be done."""
    with tally("C10", f"killed while migrating {way}", blank_url) as counted:
        database = open_database(blank_url)
        if way != "up from nothing":
            upgrade(database, revisions()[0] if way == "up with data" else "head")
            fill(database)
        before, rows = shape_of(database), rows_of(database)
        database.close()
        step = {"quick": 11, "full": 1}.get(AMOUNT, 3)
        migrate = upgrade if way.startswith("up") else lambda opened: downgrade(opened, "base")
        count = 1
        while True:
            child = dies_at(blank_url, migrate, count)
            said = child.end()
            if child.status == 0:
                break
            assert child.status == -9
            counted.rounds += 1
            if said:  # what comes after the commit changes nothing any more
                break
            database = open_database(blank_url)
            assert (shape_of(database), rows_of(database)) == (before, rows), f"call {count}"
            database.close()
            count += step
        database = open_database(blank_url)
        assert current_revision(database) == (head_revision() if migrate is upgrade else None)
        database.close()
