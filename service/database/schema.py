"""Migrating a database up and down, saying where it stands, and copying it while it is in use."""

from __future__ import annotations

from pathlib import Path

import pysqlite3
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.database.engine import Database, DatabaseRefused

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Brings the tables to a revision, in one transaction: all of it or nothing."""
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Takes the tables back to an earlier revision (`base`: none)."""
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def current_revision(database: Database) -> str | None:
    """The revision that the tables are at, or None where there are none."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def backup(database: Database, target: Path) -> None:
    """Copies an SQLite database, complete and consistent, also while others write.

    Raises:
        DatabaseRefused: on PostgreSQL, whose own tool does it; and where the target exists.
    """
    if not database.is_sqlite:
        raise DatabaseRefused("A PostgreSQL database is backed up by its own tool: pg_dump --format=custom.")
    if target.exists():
        raise DatabaseRefused(f"{target} exists; a backup is written to a new file.")
    with database.reading() as connection:
        source = connection.connection.driver_connection
        copy = pysqlite3.connect(str(target))
        try:
            source.backup(copy)  # type: ignore[union-attr]
        finally:
            copy.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
