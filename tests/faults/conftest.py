"""Databases as durable as in production; a test asks explicitly to skip the waits for the disk."""

import os
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import delete

from service.platform.database import open_database, upgrade
from tests.faults.deployment import Deployment
from tests.faults.postgres import OwnPostgres
from tests.once import RUN
from tests.service.conftest import (  # noqa: F401  the fixtures of the service's own tests
    clinic,
    database,
    database_url,
    empty_sqlite,
    logs,
    migrated_postgres,
    publish_sample,
    published_rows,
)
from tests.tables import EMPTIED


@pytest.fixture
def deployment(database_url, published_rows, logs):  # noqa: F811
    """A durable database with the sample journey and no patients; emptied afterwards."""
    yield Deployment(database_url, published_rows)
    empty(database_url)


@pytest.fixture
def postgres_deployment(migrated_postgres, published_rows, logs):  # noqa: F811
    """The same on PostgreSQL alone."""
    yield Deployment(migrated_postgres, published_rows)
    empty(migrated_postgres)


@pytest.fixture
def sqlite_deployment(empty_sqlite, tmp_path, published_rows, logs):  # noqa: F811
    """The same on SQLite alone."""
    file = tmp_path / "journeys.db"
    file.write_bytes(Path(empty_sqlite).read_bytes())
    return Deployment(f"sqlite:///{file}", published_rows)


def empty(url: str) -> None:
    if url.startswith("sqlite"):
        return
    opened = open_database(url)
    with opened.writing() as connection:
        for table in EMPTIED:
            connection.execute(delete(table))
    opened.close()


@pytest.fixture(scope="session")
def own_postgres():
    """A PostgreSQL server that only these tests use and break."""
    folder = Path(tempfile.mkdtemp(prefix="own-", dir=os.environ[RUN]))
    server = OwnPostgres(folder / "server")
    yield server
    server.stop()


@pytest.fixture
def own_deployment(own_postgres, published_rows, logs):  # noqa: F811
    """A deployment on a server that the test may break."""
    name = f"d{time.monotonic_ns()}"
    own_postgres.run(f"CREATE DATABASE {name}")
    opened = open_database(own_postgres.url(name))
    upgrade(opened)
    opened.close()
    deployment = Deployment(own_postgres.url(name), published_rows)
    deployment.name = name
    yield deployment
    own_postgres.restart()
    own_postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
