"""C9: a backup taken under load holds every event acknowledged before it began, and is consistent."""

import copy
import os
import subprocess

import pytest

from service.operations import databases
from tests.faults.counting import amount, tally
from tests.faults.deployment import Deployment, settle
from tests.faults.load import Load
from tests.faults.model import ids_stored

pytestmark = pytest.mark.long

EVENTS_BETWEEN = 40


def test_c9_sqlite_backed_up_under_load(sqlite_deployment, tmp_path):
    deployment = sqlite_deployment

    def restore(source, number):
        target = tmp_path / f"restored-{number}.db"
        assert databases.restore_database(source, target) == []
        return f"sqlite:///{target}"

    backed_up_under_load(deployment, tmp_path, restore)


def test_c9_postgresql_backed_up_under_load(own_deployment, own_postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{own_postgres.binaries}:{os.environ['PATH']}")

    def restore(source, number):
        name = f"restored_{number}_{os.getpid()}"
        own_postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        url = own_postgres.url(name)
        subprocess.run(["pg_restore", "--no-owner", f"--dbname={url}", str(source)], check=True)
        return url

    backed_up_under_load(own_deployment, tmp_path, restore)


def backed_up_under_load(deployment, folder, restore) -> None:
    with tally("C9", "backed up under load, restored elsewhere", deployment.url) as counts, deployment.open() as ward:

        def call(path, body):
            answer = ward.post(path, ward.phone, body)
            return answer.status, answer.headers, answer.json

        copies = []
        with Load(call, ward.clock, clients=4) as load:
            for number in range(amount(1, 10)):
                load.wait_for(EVENTS_BETWEEN)
                before = [(patient.id, copy.copy(patient.log)) for patient in list(load.patients)]
                target = folder / f"backup-{number}"
                assert databases.backup_database(deployment.url, target)
                copies.append((target, before))
                load.wait_for(5)
        load.add_to(counts)
        settle(counts, ward, load.patients)
        for number, (target, before) in enumerate(copies):
            compare_copy(counts, deployment, restore(target, number), dict(before), load.patients)
            counts.rounds += 1


def compare_copy(counts, deployment: Deployment, url: str, before: dict, patients) -> None:
    """Check that a copy has every earlier event, and that its states are those of the model for its events."""
    with deployment.open(url=url) as ward:
        copied_patients = []
        for patient in patients:
            if patient.id not in before:
                continue  # enrolled during or after the backup
            stored_ids = set(ids_stored(ward.service, patient.id))
            acknowledged_ids = {entry["id"] for entry in before[patient.id][1:]}
            counts.lost += len(acknowledged_ids - stored_ids)
            part = copy.copy(patient)
            part.log = [
                entry for position, entry in enumerate(patient.log) if position == 0 or entry["id"] in stored_ids
            ]
            copied_patients.append(part)
        settle(counts, ward, copied_patients)
