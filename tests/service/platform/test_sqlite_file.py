"""One SQLite file: served once under whatever name, and never written after it was deleted or replaced."""

import os
import shutil
import subprocess
import sys

import pytest

from service import processes
from service.operations.readiness import readiness
from service.platform.clock import new_id, new_secret, present
from service.platform.configuration import Configuration
from service.platform.database import AlreadyServed, DatabaseRefused, open_database, serving_alone
from service.platform.errors import FileReplaced
from service.publishing.service import Service

SERVE = """
import sys, pathlib
from service.platform.configuration import Configuration
from service.platform.database import AlreadyServed, DatabaseRefused, serving_alone
for name in sys.argv[1:]:
    try:
        with serving_alone(pathlib.Path(name)):
            print("served")
    except (AlreadyServed, DatabaseRefused) as error:
        print(type(error).__name__)
"""


def serve_elsewhere(*files) -> list[str]:
    """What happens to another process that tries to serve each of some files."""
    command = [sys.executable, "-c", SERVE, *files]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()


@pytest.fixture
def file(empty_sqlite, tmp_path):
    return shutil.copy(empty_sqlite, tmp_path / "journeys.db")


def test_a_second_server_is_refused_under_any_name_of_the_file(file, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "link.db").symlink_to(file)
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "chain.db").symlink_to(tmp_path / "other" / "link.db")
    with serving_alone(file):
        os.link(file, tmp_path / "other" / "hard.db")
        names = [tmp_path / name for name in ("other/link.db", "folder/journeys.db", "chain.db", "other/hard.db")]
        assert serve_elsewhere(*names) == ["AlreadyServed"] * 4
    with pytest.raises(DatabaseRefused, match="more than one name"), serving_alone(names[3]):
        pass  # SQLite would keep a second log for it
    names[3].unlink()
    for name in names[:3]:
        with serving_alone(name):
            pass


def test_a_server_on_a_link_keeps_others_from_the_file(file, tmp_path):
    (tmp_path / "link.db").symlink_to(file)
    with serving_alone(tmp_path / "link.db"), pytest.raises(AlreadyServed), serving_alone(file):
        pass


def delete(file):
    file.unlink()


def replace_with_a_copy(file):
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    copy.rename(file)


def move_away(file):
    file.rename(file.with_name("moved.db"))


def replace_with_a_folder(file):
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("change", [delete, replace_with_a_copy, move_away, replace_with_a_folder])
def test_a_file_that_was_deleted_or_replaced_is_not_written_to(file, change):
    database = open_database(f"sqlite:///{file}")
    service = Service(database, present, new_id, new_secret)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (text TEXT)")
    assert readiness(service).is_ready
    before = set(file.parent.iterdir())
    change(file)
    with pytest.raises(FileReplaced), database.writing():
        pass
    assert readiness(service).database == "replaced" and not readiness(service).is_ready
    database.engine.dispose()
    with pytest.raises(FileReplaced), database.reading():  # a new connection would make an empty file
        pass
    assert set(file.parent.iterdir()) - before <= {file.with_name("moved.db"), file}
    assert change not in (delete, move_away) or not file.exists()
    database.close()


def test_a_database_that_is_put_back_is_written_again(file):
    database = open_database(f"sqlite:///{file}")
    with database.writing():
        pass
    move_away(file)
    with pytest.raises(FileReplaced), database.writing():
        pass
    file.with_name("moved.db").rename(file)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (text TEXT)")
    database.close()


def test_a_lock_that_cannot_be_written_is_a_sentence(tmp_path):
    refused = pytest.raises(DatabaseRefused, match=r"x.db.serving cannot be written: No such file or directory")
    with refused, serving_alone(tmp_path / "none" / "x.db"):
        pass


def test_a_worker_makes_no_database(tmp_path):
    with pytest.raises(DatabaseRefused, match=r"does not exist. Make it with 'journeys db upgrade'"):
        processes.run_worker(Configuration(database=f"sqlite:///{tmp_path / 'x.db'}"))
    assert list(tmp_path.iterdir()) == []
