"""C10, A15: migrations up and down keep data and reach the declared tables; a killed migration changes nothing."""

import datetime
import os

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, Integer, LargeBinary, MetaData, func, inspect, select, text
from sqlalchemy import table as named

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
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def blank_url(request, tmp_path):
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/blank.db"
        return
    server = request.getfixturevalue("own_postgres")
    name = f"blank_{os.getpid()}"
    server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


def tables_of(database):
    reflected = MetaData()
    reflected.reflect(database.engine)
    return [table for table in reflected.sorted_tables if table.name != "alembic_version"]


def fill(database) -> None:
    """Insert distinct rows into every empty table."""
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
    """Return every row of every table, with its values by column."""
    rows_by_table = {}
    with database.reading() as connection:
        for table in set(inspect(connection).get_table_names()) - {"alembic_version"}:
            rows = connection.execute(select(text("*")).select_from(named(table))).mappings()
            rows_by_table[table] = sorted(({k: str(v) for k, v in row.items()} for row in rows), key=str)
    return rows_by_table


def shape_of(database) -> dict:
    """Return tables, columns, keys and indexes."""
    inspector = inspect(database.engine)
    indexes, uniques = inspector.get_multi_indexes(), inspector.get_multi_unique_constraints()
    primary, foreign = inspector.get_multi_pk_constraint(), inspector.get_multi_foreign_keys()
    return {
        table: (
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in columns),
            sorted((str(index["name"]), tuple(index["column_names"]), index["unique"]) for index in indexes[key]),
            sorted(tuple(constraint["column_names"]) for constraint in uniques[key]),
            primary[key]["constrained_columns"],
            sorted((tuple(each["constrained_columns"]), each["referred_table"]) for each in foreign[key]),
        )
        for key, columns in sorted(inspector.get_multi_columns().items())
        if (table := key[1]) != "alembic_version"
    }


def in_common(first: dict, other: dict) -> tuple[dict, dict]:
    """Return two states of the data, both without tables and columns that only one of them has."""

    def shared_columns(of, beside):
        return {
            name: [{k: v for k, v in row.items() if k in beside[name][0]} for row in rows]
            for name, rows in of.items()
            if rows and beside.get(name)
        }

    return shared_columns(first, other), shared_columns(other, first)


@pytest.mark.long
def test_c10_a15_up_and_down_with_data_at_every_revision(blank_url):
    """Migrations reach the declared tables; going up, down and up again changes neither tables nor rows.

    From each revision one step up and down, as each row goes through all later ones; in full, also all the way up.
    """
    steps = None if AMOUNT == "full" else 1
    with tally("C10", "migrated up, down and up with data", blank_url) as counts:
        database = open_database(blank_url)
        shapes = {}
        for index, revision in enumerate(revisions()):
            upgrade(database, revision)
            fill(database)
            shapes[revision] = shape_of(database)
            before = rows_of(database)
            assert all(before.values())
            for later in revisions()[index + 1 :][:steps]:
                upgrade(database, later)
                ours, theirs = in_common(before, rows_of(database))
                assert ours == theirs
                counts.rounds += 1
            downgrade(database, revision)
            assert rows_of(database) == before
            assert shape_of(database) == shapes[revision]
            counts.rounds += 1
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


def migrate_and_die(url: str, migrate, count: int) -> Child:
    """Start a migration in a process that dies before its `count`-th call to the driver."""

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


@pytest.mark.parametrize("direction", ["up from nothing", "up with data", "down with data"])
@pytest.mark.long
def test_c10_a_killed_migration_changes_nothing(blank_url, direction):
    """Tables and rows are those before or those after the migration, and the migration can then run again."""
    with tally("C10", f"killed while migrating {direction}", blank_url) as counts:
        database = open_database(blank_url)
        if direction != "up from nothing":
            upgrade(database, revisions()[0] if direction == "up with data" else "head")
            fill(database)
        before, rows = shape_of(database), rows_of(database)
        database.close()
        step = {"quick": 11, "full": 1}.get(AMOUNT, 3)
        migrate = upgrade if direction.startswith("up") else lambda opened: downgrade(opened, "base")
        count = 1
        while True:
            child = migrate_and_die(blank_url, migrate, count)
            messages = child.end()
            if child.status == 0:
                break
            assert child.status == -9
            counts.rounds += 1
            if messages:  # calls after the commit change nothing
                break
            database = open_database(blank_url)
            assert (shape_of(database), rows_of(database)) == (before, rows), f"call {count}"
            database.close()
            count += step
        database = open_database(blank_url)
        assert current_revision(database) == (head_revision() if migrate is upgrade else None)
        database.close()
