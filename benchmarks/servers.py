"""Servers as processes of their own, ours and the bare ones, started on a free port and stopped by their pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bare_server import VARIABLE, Plan
from benchmarks.ground import ROOT, Ground
from benchmarks.load import Connection, request

BIN = Path(sys.executable).parent
#: As many processes and threads for the one as for the other.
GUNICORN = (
    "--worker-class",
    "gthread",
    "--workers",
    "2",
    "--threads",
    "4",
    "--keep-alive",
    "60",
    "--log-level",
    "error",
)


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers."""

    port: int
    pid: int


#: Rates are counted as ever, and never reached: one token reports all of it.
UNHURRIED = {"JOURNEYS_REPORTS_PER_MINUTE": "100000000", "JOURNEYS_READS_PER_MINUTE": "100000000"}


@contextmanager
def ours_under_waitress(ground: Ground) -> Iterator[Serving]:
    """`journeys serve`, as it comes, but for the rates."""
    port = free_port()
    command = [str(BIN / "journeys"), "serve", "--database", ground.url, "--port", str(port)]
    with _running(command, port, UNHURRIED) as serving:
        yield serving


@contextmanager
def ours_under_gunicorn(ground: Ground) -> Iterator[Serving]:
    port = free_port()
    command = _gunicorn(port, "service.processes:wsgi_application()")
    with _running(command, port, UNHURRIED | {"JOURNEYS_DATABASE": ground.url}) as serving:
        yield serving


@contextmanager
def bare_under_waitress(ground: Ground, file: Path) -> Iterator[Serving]:
    port = free_port()
    plan_of(ground).store(file)
    command = [sys.executable, "-m", "benchmarks.bare_server", str(port)]
    with _running(command, port, {VARIABLE: str(file)}) as serving:
        yield serving


@contextmanager
def bare_under_gunicorn(ground: Ground, file: Path) -> Iterator[Serving]:
    port = free_port()
    plan_of(ground).store(file)
    command = _gunicorn(port, "benchmarks.bare_server:application()")
    with _running(command, port, {VARIABLE: str(file)}) as serving:
        yield serving


def plan_of(ground: Ground) -> Plan:
    """What the bare view writes and answers: the rows of an advance, and as many bytes as its answer."""
    from benchmarks.answering import answer_of

    return Plan(ground.url, ground.written, answer_of(ground))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _gunicorn(port: int, application: str) -> list[str]:
    return [str(BIN / "gunicorn"), *GUNICORN, "--bind", f"127.0.0.1:{port}", application]


@contextmanager
def _running(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[Serving]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, port)
        yield Serving(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, seconds: float = 60) -> None:
    """Waits until something answers on the port, whatever it says."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: {process.args}")
        try:
            with Connection(port) as connection:
                connection.ask(request(port, "none", "GET", "/healthz"))
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
        except RuntimeError:  # the bare one has no such page
            return
    raise RuntimeError(f"nothing answers: {process.args}")
