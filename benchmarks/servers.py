"""Starts our servers and the bare ones as processes on free ports, and stops them."""

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
from benchmarks.database import ROOT, BenchDatabase
from benchmarks.load import Connection, request

BIN = Path(sys.executable).parent
#: Both servers have the same number of processes and threads.
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
    """A server that is ready."""

    port: int
    pid: int


#: Rate limits high enough for one token to send everything; the rates are still counted.
UNHURRIED = {"JOURNEYS_REPORTS_PER_MINUTE": "100000000", "JOURNEYS_READS_PER_MINUTE": "100000000"}


@contextmanager
def ours_under_waitress(database: BenchDatabase, settings: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """Run `journeys serve` with its defaults except for the rate limits and some settings."""
    port = free_port()
    command = [str(BIN / "journeys"), "serve", "--database", database.url, "--port", str(port)]
    with _running(command, port, UNHURRIED | dict(settings or {})) as serving:
        yield serving


@contextmanager
def ours_under_gunicorn(database: BenchDatabase) -> Iterator[Serving]:
    port = free_port()
    command = _gunicorn(port, "service.processes:wsgi_application()")
    with _running(command, port, UNHURRIED | {"JOURNEYS_DATABASE": database.url}) as serving:
        yield serving


@contextmanager
def bare_under_waitress(database: BenchDatabase, file: Path) -> Iterator[Serving]:
    plan_of(database).store(file)
    with bare_module("benchmarks.bare_server", file) as serving:
        yield serving


@contextmanager
def bare_module(module: str, file: Path) -> Iterator[Serving]:
    """Run a module with a bare server, whose plan is in a file."""
    port = free_port()
    with _running([sys.executable, "-m", module, str(port)], port, {VARIABLE: str(file)}) as serving:
        yield serving


@contextmanager
def bare_under_gunicorn(database: BenchDatabase, file: Path) -> Iterator[Serving]:
    port = free_port()
    plan_of(database).store(file)
    command = _gunicorn(port, "benchmarks.bare_server:application()")
    with _running(command, port, {VARIABLE: str(file)}) as serving:
        yield serving


def plan_of(database: BenchDatabase) -> Plan:
    """Return the plan of the bare view: the writes of an advance, and its answer."""
    from benchmarks.answering import answer_of

    return Plan(database.url, database.written, answer_of(database))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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
    """Wait for any answer on the port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}: {process.args}")
        try:
            with Connection(port) as connection:
                connection.send(request(port, "none", "GET", "/healthz"))
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
        except RuntimeError:  # the bare server has no such page
            return
    raise RuntimeError(f"No answer from {process.args}")
