"""Running the service: status, readiness, verification, doctor, worker, heartbeats.

It names no patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def wsgi_application(environment: Mapping[str, str] | None = None) -> Any:
    """The application for another WSGI server, under the address that earlier deployments name.

    New ones name `service.processes:wsgi_application()`. It is imported when called: processes stand above this room.
    """
    return import_module("service.processes").wsgi_application(environment)
