"""Requests to the application in this process, without a server or a client between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.database import BenchDatabase
from service.app import Application, create_app
from service.platform import clock
from service.publishing.service import Service

Call = Callable[..., tuple[int, Mapping[str, str]]]


def application(database: BenchDatabase, service: Service | None = None) -> Application:
    """Return the application on a database; by default with the service that the database already has."""
    return create_app(database.config, clock=clock.present, new_id=clock.new_id, service=service or database.service)


def get(app: Application, secret: str, path: str, **headers: str) -> tuple[int, Mapping[str, str]]:
    """Read an address; return the status and the headers of the answer.

    Raises:
        RuntimeError: the status is neither 200 nor 304.
    """
    answered: dict[str, Any] = {}

    def start_response(status: str, answer_headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
        answered.update(status=int(status[:3]), headers=dict(answer_headers))
        return lambda _: None

    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "wsgi.url_scheme": "http",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    for _ in app(environ, start_response):
        pass
    if answered["status"] not in (200, 304):
        raise RuntimeError(f"{path} was answered with {answered['status']}")
    return answered["status"], answered["headers"]
