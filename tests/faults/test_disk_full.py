"""C7: a full disk is said so, nothing is half done, what is stored can be read, and all works again with room."""

import os
import shutil
import subprocess

import pytest
from sqlalchemy import event

from service.platform.database import open_database, upgrade
from tests.faults.counting import amount, tally
from tests.faults.place import Place, count_stored, settle, telling

FULL = 507
A_PATIENT_GETS = 25
MOST = 2000


def fill_up(counted, ward, patients, first: int = 0) -> int:
    """Report the events from the number `first` on until the disk is full, and some more; return the next number."""
    refused, number = 0, first
    while refused < 5 and number < first + MOST:
        if not patients or (len(patients[-1].log) > A_PATIENT_GETS and not refused):
            try:
                patients.append(ward.enroll_patient(f"p{len(patients)}"))
            except AssertionError:  # refused as well
                counted.notes["enrollings refused"] += 1
                refused += 1
        patient, told = patients[-1], telling(number)
        answer = ward.send(patient, told)
        if answer.status == 200:
            counted.acknowledged += 1
            ward.note(patient, told)
        elif answer.status == FULL and answer["code"] == "no-room" and "Retry-After" in answer.headers:
            counted.notes["answered 507"] += 1
            refused += 1
        else:
            counted.errors += 1
            counted.notes[f"status {answer.status}"] += 1
            refused += 1
        number += 1
    assert refused, f"the disk is not full after {number - first} events"
    return number


def goes_on_reading(counted, ward, patients) -> None:
    """Staff read, and /healthz answers."""
    for path in (f"/v1/enrollments/{patients[0].id}", f"/v1/enrollments/{patients[0].id}/history", "/v1/tasks"):
        is_read = ward.get(path, ward.staff).status == 200
        counted.errors += not is_read
        counted.notes["reads while full"] += is_read
    counted.errors += ward.call("GET", "/healthz").status != 200


def goes_on_reporting(counted, ward, patients) -> None:
    """Everything is as before, and more can be told."""
    settle(counted, ward, patients)
    again = telling(50_000 + counted.acknowledged)
    answer = ward.send(patients[-1], again)
    assert answer.status == 200, answer.data
    ward.note(patients[-1], again)
    counted.acknowledged += 1
    counted.notes["told with room again"] += 1
    settle(counted, ward, patients)


def test_c7_sqlite_may_not_grow(sqlite_place):
    """PRAGMA max_page_count: the file is as large as it may be."""
    place = sqlite_place
    with tally("C7", "file as large as it may be (max_page_count)", place.url) as counted:
        patients, number, rounds = [], 0, amount(1, 5)
        for _ in range(rounds):
            with place.open() as ward:
                with ward.service.database.reading() as connection:
                    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                limit = pages + 20

                def limited(connection, _, limit=limit):
                    connection.execute(f"PRAGMA max_page_count={limit}")

                ward.service.database.engine.dispose()
                event.listen(ward.service.database.engine, "connect", limited)
                number = fill_up(counted, ward, patients, number)
                goes_on_reading(counted, ward, patients)
                event.remove(ward.service.database.engine, "connect", limited)
                ward.service.database.engine.dispose()
                goes_on_reporting(counted, ward, patients)
                counted.rounds += 1
                assert counted.acknowledged == count_stored(ward, patients)
        assert counted.rounds == rounds > 0
        assert counted.notes["answered 507"] >= rounds
        assert counted.notes["reads while full"] == 3 * rounds
        assert counted.acknowledged > counted.notes["told with room again"] == rounds


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of a few megabytes of its own; its size is said with `size`."""
    mounted = []

    def mount(size: str, under=tmp_path):
        folder = under / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("only root may mount a small disk, and not everywhere")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def test_c7_sqlite_on_a_full_disk(sqlite_place, small_disk, published_rows):
    folder = small_disk("1M")
    file = folder / "journeys.db"
    shutil.copy(sqlite_place.url.removeprefix("sqlite:///"), file)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(100_000))
    place = sqlite_place
    place.url = f"sqlite:///{file}"
    with tally("C7", "disk of 1 MB full", place.url) as counted:
        patients = []
        with place.open() as ward:
            fill_up(counted, ward, patients)
            goes_on_reading(counted, ward, patients)
            ballast.unlink()
            goes_on_reporting(counted, ward, patients)
            counted.rounds += 1
            assert counted.acknowledged == count_stored(ward, patients)
        assert counted.notes["answered 507"] > 0
        assert counted.notes["reads while full"] == 3
        assert counted.acknowledged > counted.notes["told with room again"] == 1


def test_c7_postgresql_on_a_full_disk(own_postgres, small_disk, published_rows, logs):
    folder = small_disk("20M", own_postgres.data.parent) / "space"
    folder.mkdir(mode=0o700)
    owner = own_postgres.data.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    own_postgres.run(f"CREATE TABLESPACE small LOCATION '{folder}'", "CREATE DATABASE small TABLESPACE small")
    try:
        opened = open_database(own_postgres.url("small"))
        upgrade(opened)
        opened.close()
        place = Place(own_postgres.url("small"), published_rows)
        ballast = folder.parent / "ballast"
        left = shutil.disk_usage(folder).free
        with tally("C7", "disk of 20 MB full", place.url) as counted:
            patients = []
            with place.open() as ward:
                patients.append(ward.enroll_patient("first"))
                ballast.write_bytes(bytes(left - 400_000))
                fill_up(counted, ward, patients)
                goes_on_reading(counted, ward, patients)
                ballast.unlink()
                goes_on_reporting(counted, ward, patients)
                counted.rounds += 1
                assert counted.acknowledged == count_stored(ward, patients)
            assert counted.notes["answered 507"] > 0
            assert counted.notes["reads while full"] == 3
            assert counted.acknowledged > counted.notes["told with room again"] == 1
    finally:
        own_postgres.run("DROP DATABASE IF EXISTS small WITH (FORCE)", "DROP TABLESPACE small")
