"""Messages are tested on SQLite before each commit; on PostgreSQL too in the long run, as there are many tests."""

import shutil

import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.long])])
def database_url(request, tmp_path) -> str:
    """The address of a migrated database without rows."""
    if request.param == "sqlite":
        file = tmp_path / "journeys.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), file)
        return f"sqlite:///{file}"
    return request.getfixturevalue("migrated_postgres")
