"""Heartbeats of workers: a worker signs on, beats while it is alive, and signs off."""

from __future__ import annotations

from service.operations.store import heartbeats
from service.platform.process import Process


def sign_on(process: Process, worker: str) -> None:
    """Notes that a worker begins."""
    with process.database.writing() as connection:
        heartbeats.start(connection, worker, process.clock())


def sign_on_again(process: Process, worker: str, fired: int) -> None:
    """Notes that a worker is alive, and how many enrollments it served since."""
    with process.database.writing() as connection:
        heartbeats.beat(connection, worker, process.clock(), fired)


def sign_off(process: Process, worker: str) -> None:
    """Notes that a worker ends in good order."""
    with process.database.writing() as connection:
        heartbeats.stop(connection, worker)
