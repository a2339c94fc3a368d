"""Running the service: status, readiness, verification, doctor, worker, heartbeats.

It names no patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def wsgi_application(environment: Mapping[str, str] | None = None) -> Any:
    """The application for another WSGI server, under the name that earlier deployments use.

    New deployments use `service.processes:wsgi_application()`. It is imported at the call, because `processes` is a
    higher layer.
    """
    return import_module("service.processes").wsgi_application(environment)
