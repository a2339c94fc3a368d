"""C7: a full disk is reported, nothing is half written, reads go on, and writes work again once there is room."""

import os
import shutil
import subprocess

import pytest
from sqlalchemy import event

from service.platform.database import open_database, upgrade
from tests.faults.counting import amount, tally
from tests.faults.deployment import Deployment, count_stored, event_body, settle

FULL = 507
EVENTS_PER_PATIENT = 25
MOST_EVENTS = 2000


def fill_up(counts, ward, patients, first: int = 0) -> int:
    """Report events from number `first` on until the disk refuses five; return the next number."""
    refused, number = 0, first
    while refused < 5 and number < first + MOST_EVENTS:
        if not patients or (len(patients[-1].log) > EVENTS_PER_PATIENT and not refused):
            try:
                patients.append(ward.enroll_patient(f"p{len(patients)}"))
            except AssertionError:  # the full disk refuses it
                counts.notes["enrollings refused"] += 1
                refused += 1
        patient, body = patients[-1], event_body(number)
        answer = ward.send(patient, body)
        if answer.status == 200:
            counts.acknowledged += 1
            ward.note_event(patient, body)
        elif answer.status == FULL and answer["code"] == "no-room" and "Retry-After" in answer.headers:
            counts.notes["answered 507"] += 1
            refused += 1
        else:
            counts.errors += 1
            counts.notes[f"status {answer.status}"] += 1
            refused += 1
        number += 1
    assert refused, f"the disk is not full after {number - first} events"
    return number


def check_reads(counts, ward, patients) -> None:
    """Check that staff can read and that /healthz answers."""
    for path in (f"/v1/enrollments/{patients[0].id}", f"/v1/enrollments/{patients[0].id}/history", "/v1/tasks"):
        is_read = ward.get(path, ward.staff).status == 200
        counts.errors += not is_read
        counts.notes["reads while full"] += is_read
    counts.errors += ward.call("GET", "/healthz").status != 200


def check_writes(counts, ward, patients) -> None:
    """Check that the stored data is intact and that further events are accepted."""
    settle(counts, ward, patients)
    again = event_body(50_000 + counts.acknowledged)
    answer = ward.send(patients[-1], again)
    assert answer.status == 200, answer.data
    ward.note_event(patients[-1], again)
    counts.acknowledged += 1
    counts.notes["reported with room again"] += 1
    settle(counts, ward, patients)


def test_c7_sqlite_may_not_grow(sqlite_deployment):
    """PRAGMA max_page_count limits the size of the file."""
    deployment = sqlite_deployment
    with tally("C7", "file at its maximum size (max_page_count)", deployment.url) as counts:
        patients, number, rounds = [], 0, amount(1, 5)
        for _ in range(rounds):
            with deployment.open() as ward:
                with ward.service.database.reading() as connection:
                    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                limit = pages + 20

                def limited(connection, _, limit=limit):
                    connection.execute(f"PRAGMA max_page_count={limit}")

                ward.service.database.engine.dispose()
                event.listen(ward.service.database.engine, "connect", limited)
                number = fill_up(counts, ward, patients, number)
                check_reads(counts, ward, patients)
                event.remove(ward.service.database.engine, "connect", limited)
                ward.service.database.engine.dispose()
                check_writes(counts, ward, patients)
                counts.rounds += 1
                assert counts.acknowledged == count_stored(ward, patients)
        assert counts.rounds == rounds > 0
        assert counts.notes["answered 507"] >= rounds
        assert counts.notes["reads while full"] == 3 * rounds
        assert counts.acknowledged > counts.notes["reported with room again"] == rounds


@pytest.fixture
def small_disk(tmp_path):
    """A function that mounts a small disk of a given size and returns its folder."""
    mounted = []

    def mount(size: str, under=tmp_path):
        folder = under / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("Mounting a small disk needs root and a system that allows it.")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def test_c7_sqlite_on_a_full_disk(sqlite_deployment, small_disk, published_rows):
    folder = small_disk("2M")
    file = folder / "journeys.db"
    shutil.copy(sqlite_deployment.url.removeprefix("sqlite:///"), file)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(100_000))
    deployment = sqlite_deployment
    deployment.url = f"sqlite:///{file}"
    with tally("C7", "disk of 2 MB full", deployment.url) as counts:
        patients = []
        with deployment.open() as ward:
            fill_up(counts, ward, patients)
            check_reads(counts, ward, patients)
            ballast.unlink()
            check_writes(counts, ward, patients)
            counts.rounds += 1
            assert counts.acknowledged == count_stored(ward, patients)
        assert counts.notes["answered 507"] > 0
        assert counts.notes["reads while full"] == 3
        assert counts.acknowledged > counts.notes["reported with room again"] == 1


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
        deployment = Deployment(own_postgres.url("small"), published_rows)
        ballast = folder.parent / "ballast"
        left = shutil.disk_usage(folder).free
        with tally("C7", "disk of 20 MB full", deployment.url) as counts:
            patients = []
            with deployment.open() as ward:
                patients.append(ward.enroll_patient("first"))
                ballast.write_bytes(bytes(left - 400_000))
                fill_up(counts, ward, patients)
                check_reads(counts, ward, patients)
                ballast.unlink()
                check_writes(counts, ward, patients)
                counts.rounds += 1
                assert counts.acknowledged == count_stored(ward, patients)
            assert counts.notes["answered 507"] > 0
            assert counts.notes["reads while full"] == 3
            assert counts.acknowledged > counts.notes["reported with room again"] == 1
    finally:
        own_postgres.run("DROP DATABASE IF EXISTS small WITH (FORCE)", "DROP TABLESPACE small")
