"""Migrates the tables of a database up and down, and reads their revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from service.platform.database.engine import Database
from service.platform.database.sqlite_file import DatabaseRefused

if TYPE_CHECKING:
    from alembic.config import Config

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
    from alembic import command  # only migrations need it, and it loads slowly

    with database.writing() as connection, connection.begin():  # alembic asks SQLAlchemy
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Migrates the tables back to an earlier revision (`base`: to no tables)."""
    from alembic import command

    with database.writing() as connection, connection.begin():  # alembic asks SQLAlchemy
        command.downgrade(_config(connection), revision)


def current_revision(database: Database) -> str | None:
    """The revision of the tables, or None for a database without tables."""
    with database.reading() as connection:
        if not inspect(connection).has_table(_REVISIONS):
            return None
        return connection.execute(select(column("version_num")).select_from(table(_REVISIONS))).scalar()


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


def head_revision() -> str:
    """The revision that this code needs."""
    return max(known_revisions())


def known_revisions() -> frozenset[str]:
    """Every revision that this code can migrate from: the numbers with which the files of migrations begin."""
    return frozenset(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*_*.py"))


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
