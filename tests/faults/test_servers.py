"""C3, C5, C8: a server process is killed under load, traced for its waits for the disk, and given I/O errors."""

import random
import re
import shutil
import subprocess

import pytest

from service.platform import clock as clocks
from tests.faults import serving
from tests.faults.counting import AMOUNT, SEED, amount, tally
from tests.faults.deployment import event_body, send_unanswered, settle
from tests.faults.load import Load
from tests.faults.serving import Serving
from tests.ports import free_port

pytestmark = pytest.mark.long

LONGEST_START_SECONDS = 5.0


def client_of(deployment, port):
    def call(path, body):
        return serving.call(port, path, body, deployment.tokens["_phone"])

    return call


def settle_at_present(counts, deployment, patients) -> None:
    """Send unanswered events again, then compare everything."""
    with deployment.open() as ward:
        ward.clock.now = clocks.present()
        counts.acknowledged += send_unanswered(ward, patients)
        settle(counts, ward, patients)


def test_c3_a_killed_server_is_ready_again_without_a_manual_step(deployment, tmp_path):
    chance = random.Random(SEED)
    with tally("C3", "serve killed under load and started again", deployment.url) as counts:
        port, log = free_port(), tmp_path / "serve.log"
        server, slowest = Serving(deployment.url, port, log), 0.0
        server.ready()
        try:
            with Load(client_of(deployment, port), clocks.present, clients=4) as load:
                for _ in range(amount(1, 50)):
                    load.wait_for(chance.randint(5, 40))
                    server.kill()
                    server = Serving(deployment.url, port, log)
                    slowest = max(slowest, server.ready())
                    counts.rounds += 1
                load.wait_for(10)
        finally:
            server.stop()
        load.add_to(counts)
        counts.notes["slowest to ready, ms"] = round(slowest * 1000)
        settle_at_present(counts, deployment, load.patients)
        if AMOUNT != "quick":  # the short suite checks no times
            assert slowest <= LONGEST_START_SECONDS


TRACED = "trace=pwrite64,write,fdatasync,fsync,sendto,send,sendmsg"
_LINE = re.compile(r"(?:\[pid +)?(\d+)\]? +(.*)")


def requires_strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed (apt-get install strace).")
    tried = subprocess.run(["strace", "-e", "trace=fdatasync", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("strace is not permitted to trace on this machine.")


def calls_in(trace: str) -> list[str]:
    """Return the system calls of a trace in the order of their ends, interrupted lines joined."""
    begun: dict[str, str] = {}
    calls = []
    for line in trace.splitlines():
        pid, text = _LINE.match(line).groups()
        if text.endswith("<unfinished ...>"):
            begun[pid] = text.removesuffix("<unfinished ...>")
        elif text.startswith("<..."):
            calls.append(begun.pop(pid, "") + text.partition("resumed>")[2])
        else:
            calls.append(text)
    return calls


def answers_without_a_sync(trace: str) -> tuple[int, int]:
    """Return how many reports were answered with 200, and how many of them before what was written was on the disk."""
    answers, early, is_safe = 0, 0, True
    for text in calls_in(trace):
        if "-wal>" in text and text.startswith(("pwrite64", "write")) and " = -1" not in text:
            is_safe = False
        elif "-wal>" in text and text.startswith(("fdatasync", "fsync")):
            is_safe = is_safe or text.rstrip().endswith("= 0")
        elif text.startswith("send") and "HTTP/1.1 200" in text:
            answers += 1
            early += not is_safe
    return answers, early


#: One request thread, and a worker that sleeps.
QUIET = {"JOURNEYS_THREADS": "1", "JOURNEYS_WORKER_INTERVAL": "3600"}


def trace_to(file, *more: str) -> list[str]:
    return ["strace", "-f", "-y", "-s", "40", "-o", str(file), "-e", TRACED, *more]


def test_c5_nothing_is_acknowledged_before_it_is_on_the_disk(sqlite_deployment, tmp_path):
    requires_strace()
    deployment, trace, port = sqlite_deployment, tmp_path / "trace", free_port()
    with tally("C5", "a wait for the disk before each answer (strace)", deployment.url) as counts:
        with deployment.open() as ward:
            ward.clock.now = clocks.present()
            patient = ward.enroll_patient("p1")
        server = Serving(deployment.url, port, tmp_path / "serve.log", prefix=trace_to(trace), **QUIET)
        try:
            server.ready()
            began = trace.read_text().rindex("\n") + 1
            for number in range(amount(10, 100)):
                body = event_body(number)
                status, _, _ = server.call(f"/v1/enrollments/{patient.id}/events", body, deployment.tokens["_phone"])
                assert status == 200
                patient.note_event(body, reporter="app", by="patient", arrived_at=clocks.present())
                counts.rounds += 1
        finally:
            server.kill()
        traced = trace.read_text()[began:]
        counts.acknowledged, counts.lost = answers_without_a_sync(traced)
        counts.notes["waits for the disk"] = len(re.findall(r"\bf(?:data)?sync\(", traced))
        assert counts.acknowledged == counts.rounds
        assert counts.notes["waits for the disk"] >= counts.rounds
        settle_at_present(counts, deployment, [patient])


def test_c5_postgresql_waits_for_the_disk(postgres_deployment):
    with postgres_deployment.open() as ward, ward.service.database.writing() as connection:
        settings = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        }
    assert settings == {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


#: In each thread one sync in five fails, or one write in a hundred finds no room.
BROKEN_DISK = (
    "inject=fsync,fdatasync:error=EIO:when=3+5",
    "inject=pwrite64:error=ENOSPC:when=60+100",
)


@pytest.mark.parametrize("broken", BROKEN_DISK, ids=["sync", "write"])
def test_c8_an_error_of_the_disk_is_never_a_2xx(sqlite_deployment, tmp_path, broken):
    """The process may answer 503 or 507, or end; every acknowledged event is stored after a restart."""
    requires_strace()
    deployment, trace, port = sqlite_deployment, tmp_path / "trace", free_port()
    scenario = "waits for the disk fail (EIO)" if "EIO" in broken else "writes fail (ENOSPC)"
    with tally("C8", scenario, deployment.url) as counts:
        patients = []
        with deployment.open() as ward:
            ward.clock.now = clocks.present()
            for number in range(5):
                patients.append(ward.enroll_patient(f"p{number}"))
        prefix = trace_to(trace, "-e", broken)
        server = Serving(deployment.url, port, tmp_path / "serve.log", prefix=prefix, **QUIET)
        try:
            server.ready()
            began = trace.read_text().rindex("\n") + 1
            for number in range(amount(40, 200)):
                patient, body = patients[number % 5], event_body(number)
                counts.rounds += 1
                try:
                    status, _, _ = server.call(
                        f"/v1/enrollments/{patient.id}/events", body, deployment.tokens["_phone"]
                    )
                except OSError:
                    status = 0
                if status == 200:
                    counts.acknowledged += 1
                    patient.note_event(body, reporter="app", by="patient", arrived_at=clocks.present())
                else:
                    counts.notes[f"answered {status}" if status else "no answer"] += 1
                    counts.errors += status not in (0, 503, 507)
                    patient.pending = [*getattr(patient, "pending", []), body]
        finally:
            server.kill()
        traced = trace.read_text()[began:]
        assert "(INJECTED)" in traced
        _, early = answers_without_a_sync(traced)
        counts.errors += early
        with deployment.open() as ward:
            ward.clock.now = clocks.present()
            for patient in patients:
                for body in getattr(patient, "pending", []):
                    assert ward.send(patient, body).status == 200
                    ward.note_event(patient, body)
            settle(counts, ward, patients)
