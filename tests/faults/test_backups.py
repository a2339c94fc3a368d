"""C9: a backup taken while others write holds all that was acknowledged before it began, and is whole."""

import copy
import os
import subprocess

import pytest

from service import processes
from tests.faults.counting import amount, tally
from tests.faults.load import Load
from tests.faults.model import ids_stored
from tests.faults.place import Place, settle

pytestmark = pytest.mark.long

ENOUGH = 40


def test_c9_sqlite_backed_up_under_load(sqlite_place, tmp_path):
    place = sqlite_place

    def restore(source, number):
        target = tmp_path / f"restored-{number}.db"
        assert processes.restore_database(source, target) == []
        return f"sqlite:///{target}"

    backed_up_under_load(place, tmp_path, restore)


def test_c9_postgresql_backed_up_under_load(own_place, own_postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{own_postgres.binaries}:{os.environ['PATH']}")

    def restore(source, number):
        name = f"restored_{number}_{os.getpid()}"
        own_postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        url = own_postgres.url(name)
        subprocess.run(["pg_restore", "--no-owner", f"--dbname={url}", str(source)], check=True)
        return url

    backed_up_under_load(own_place, tmp_path, restore)


def backed_up_under_load(place, folder, restore) -> None:
    with tally("C9", "backed up under load, restored elsewhere", place.url) as counted, place.open() as ward:

        def call(path, body):
            answer = ward.post(path, ward.phone, body)
            return answer.status, answer.headers, answer.json

        copies = []
        with Load(call, ward.clock, clients=4) as load:
            for number in range(amount(1, 10)):
                load.wait_for(ENOUGH)
                before = [(patient.id, copy.copy(patient.log)) for patient in list(load.patients)]
                target = folder / f"backup-{number}"
                assert processes.backup_database(place.url, target)
                copies.append((target, before))
                load.wait_for(5)
        load.add_to(counted)
        settle(counted, ward, load.patients)
        for number, (target, before) in enumerate(copies):
            look_at_copy(counted, place, restore(target, number), dict(before), load.patients)
            counted.rounds += 1


def look_at_copy(counted, place: Place, url: str, before: dict, patients) -> None:
    """Everything acknowledged before is there, and what is there is whole: as the model says of just these events."""
    with place.open(url=url) as ward:
        known = []
        for patient in patients:
            if patient.id not in before:
                continue  # joined while the backup was made, or later
            there = set(ids_stored(ward.service, patient.id))
            told = {entry["id"] for entry in before[patient.id][1:]}
            counted.lost += len(told - there)
            part = copy.copy(patient)
            part.log = [entry for place_, entry in enumerate(patient.log) if place_ == 0 or entry["id"] in there]
            known.append(part)
        settle(counted, ward, known)
