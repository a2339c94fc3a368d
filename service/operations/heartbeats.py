"""Heartbeats of workers: a worker signs on, beats while it is alive, and signs off."""

from __future__ import annotations

from service.operations.store import heartbeats
from service.platform.process import Process


def sign_on(process: Process, worker: str) -> None:
    """Record that a worker begins."""
    with process.database.writing() as connection:
        heartbeats.start(connection, worker, process.clock())


def sign_on_again(process: Process, worker: str, fired: int) -> None:
    """Record that a worker is alive, and the number of enrollments it has served since."""
    with process.database.writing() as connection:
        heartbeats.beat(connection, worker, process.clock(), fired)


def sign_off(process: Process, worker: str) -> None:
    """Record that a worker has ended normally."""
    with process.database.writing() as connection:
        heartbeats.stop(connection, worker)
