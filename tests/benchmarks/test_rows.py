"""Every row of the benchmarks runs from end to end; the figures of such small counts mean nothing."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
import structlog

from benchmarks import __main__ as benchmarks
from benchmarks.database import published
from benchmarks.harness import Bench, Line, table
from tests.conftest import RUN

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """One folder for all rows of this process, with the journey that the first process of this run published."""
    run, folder = Path(os.environ[RUN]), tmp_path_factory.mktemp("benchmarks")
    with (run / "benchmarks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(published(Bench(run, smoke=True)), folder)
    return folder


@pytest.fixture(autouse=True)
def logs_as_before():
    """Restore the logs, which a measurement silences."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("row", sorted(set(benchmarks.ROWS) - benchmarks.NEED_POSTGRES))
def test_a_row_runs(row, folder):
    assert_runs(row, folder)


@pytest.mark.parametrize("row", sorted(benchmarks.NEED_POSTGRES))
def test_a_row_on_postgresql_runs(row, folder, postgres_url):
    (folder / "postgres.url").write_text(postgres_url.replace("postgresql+psycopg://", "postgresql://"))
    assert_runs(row, folder)


def assert_runs(row, folder):
    lines, seconds = benchmarks.run(Bench(folder, smoke=True), [row])
    assert lines
    assert all(line.row == row and line.ours > 0 and line.score != 0 for line in lines)
    assert seconds.keys() == {row}


def test_the_table_shows_reached_and_missed_targets():
    lines = [
        Line(row="a", case="one", unit="things/s", ours=50, limit=100, score=0.5, reach=0.4, aim=0.5),
        Line(row="i", case="two", unit="MB", ours=151, limit=None, score=151, reach=150, at_most=True, note="noted"),
    ]
    assert table(lines).splitlines() == [
        "| row | case | unit     | ours | limit | ratio | reach | aim |         |",
        "|-----|------|----------|------|-------|-------|-------|-----|---------|",
        "| a   | one  | things/s | 50.0 | 100   | 0.50  | ≥ 0.4 | 0.5 | reached |",
        "| i   | two  | MB       | 151  |       | 151   | ≤ 150 |     | MISSED  |",
        "",
        "i, two: noted",
    ]
