"""The same tests on an SQLite file and on a real PostgreSQL."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from sqlalchemy import delete, event

from service.platform.database import open_database, upgrade
from tests.folders import ROOT, copy_samples
from tests.once import made_once
from tests.service.browsing import CHROMIUM, FLAGS
from tests.service.clinic import Clinic
from tests.service.examples import Examples
from tests.service.published import Rows, insert_rows, publish_into, read_rows, stored_rows
from tests.tables import EMPTIED

EMPTY = "; ".join(str(delete(table)) for table in EMPTIED)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory) -> Path:
    """A migrated file without rows, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "journeys.db"
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url) -> str:
    database = open_database(postgres_url)
    upgrade(database)
    database.close()
    return postgres_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request, tmp_path) -> str:
    """The address of a migrated database without rows."""
    if request.param == "sqlite":
        file = tmp_path / "journeys.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), file)
        return f"sqlite:///{file}"
    return request.getfixturevalue("migrated_postgres")


@pytest.fixture
def database(database_url):
    """That database, emptied before and afterwards: others work on this run's PostgreSQL too."""
    opened = open_database(database_url)
    event.listen(opened.engine, "connect", hurry)
    empty(opened)
    yield opened
    empty(opened)
    opened.close()


def empty(opened) -> None:
    if not opened.is_sqlite:
        with opened.writing() as connection:
            driver = connection.connection.driver_connection
            driver.execute(EMPTY, prepare=False)  # all at once: what takes long is to go there and back


def hurry(connection, _) -> None:
    """Spares the wait for the disk at every commit: what must survive a loss of power is tested by itself."""
    if hasattr(connection, "backup"):
        connection.execute("PRAGMA synchronous=OFF")
    else:
        connection.execute("SET synchronous_commit = off")
        connection.commit()


@pytest.fixture(scope="session")
def publish_sample(empty_sqlite, tmp_path_factory) -> Callable[..., Rows]:
    """A function: what publishing the sample journey stores, after something changed its files; signed a day before.

    Checking takes a while, so a module whose tests need other content has a `published_rows` of its own.
    """

    def publish(change: Callable[[Path], None] = lambda folder: None) -> Rows:
        folder = copy_samples(tmp_path_factory.mktemp("published"))
        change(folder)

        def publish_files(clinic: Clinic) -> None:
            clinic.clock.pass_by(days=-1)
            clinic.publish(folder / "definitions", folder / "content")

        return stored_rows(empty_sqlite, folder, publish_files)

    return publish


@pytest.fixture(scope="session")
def shipped_rows(empty_sqlite) -> Rows:
    """What publishing the shipped journeys stores."""

    def publish(file: Path) -> None:
        shutil.copy(empty_sqlite, file)
        publish_into(file, lambda clinic: clinic.publish(ROOT / "definitions", ROOT / "content"))

    return read_rows(made_once("shipped.db", publish))


@pytest.fixture(scope="session")
def published_rows(publish_sample) -> Rows:
    """What publishing the sample journey stores."""
    return publish_sample()


@pytest.fixture
def clinic(database, database_url, published_rows, logs) -> Clinic:
    """A service with the journey of `published_rows` published."""
    insert_rows(database, published_rows)
    return Clinic(database, database_url)


@pytest.fixture
def logs():
    """Every line that is logged, whatever a command that ran before in this process wants logged."""
    before = structlog.get_config()
    structlog.reset_defaults()
    try:
        with structlog.testing.capture_logs() as lines:
            yield lines
    finally:
        structlog.configure(**before)


@pytest.fixture(scope="module")
def browser():
    """Chromium; tests that need it are skipped where it is not installed.

    No longer than a module: as long as it runs, nothing else of this process can run an event loop.
    """
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (no 'chromium' in the path)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def examples(pytestconfig) -> Examples:
    """The examples of the OpenAPI document."""
    return Examples(is_updating=bool(pytestconfig.getoption("--update-examples")))
