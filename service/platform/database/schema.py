"""Migrates the tables of a database up and down, and reads their revision."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from service.platform.database.engine import Database
from service.platform.database.sqlite_file import DatabaseRefused

#: Advice for a database whose revision is unknown.
NEWER = "Install the version that made it, or restore the backup made before its upgrade."
_REVISIONS = "alembic_version"
MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrates the tables to a revision, in one transaction.

    Raises:
        DatabaseRefused: the tables are of a newer version or of another program; nothing is changed.
    """
    require_known(database)
    with database.writing() as connection, connection.begin():  # alembic asks SQLAlchemy
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Migrates the tables back to an earlier revision (`base`: to no tables)."""
    with database.writing() as connection, connection.begin():  # alembic asks SQLAlchemy
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def current_revision(database: Database) -> str | None:
    """The revision of the tables, or None for a database without tables."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_known(database: Database) -> None:
    """Refuses a database that this version did not make and cannot migrate.

    Raises:
        DatabaseRefused: says what to install or to restore.
    """
    revision = current_revision(database)
    if revision is None and database.is_sqlite:
        with database.reading() as connection:
            tables = inspect(connection).get_table_names()
        if set(tables) - {_REVISIONS}:
            raise DatabaseRefused("The database file has the tables of another program. Name a new file.")
    if revision not in (None, head_revision()) and revision not in known_revisions():
        raise DatabaseRefused(
            f"The database is at revision '{revision}', and this version knows revisions up to '{head_revision()}'. "
            f"{NEWER}"
        )


def head_revision() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def known_revisions() -> frozenset[str]:
    """Every revision that this code can migrate from."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
