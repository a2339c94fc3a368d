"""The limit over HTTP: a bare Flask view with the bare driver that reads and writes the rows of an advance.

It checks no token and decides nothing; its writes and its answer are prepared in advance.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from benchmarks.bare import Written, connect, is_sqlite, write

VARIABLE = "BENCH_BARE"


@dataclass(frozen=True, slots=True)
class Plan:
    """The database, the writes and the answer of the view."""

    url: str
    written: Written
    answer: bytes

    def store(self, file: Path) -> None:
        file.write_bytes(pickle.dumps(self))


def application() -> Flask:
    plan: Plan = pickle.loads(Path(os.environ[VARIABLE]).read_bytes())
    app = Flask("bare")
    local = threading.local()
    # SQLite allows one writer at a time, and a lock is faster than its busy wait.
    lock: Any = threading.Lock() if is_sqlite(plan.url) else nullcontext()

    @app.post("/v1/enrollments/<enrollment>/events")
    def report(enrollment: str) -> Response:
        assert request.get_json()["type"]
        if not hasattr(local, "connection"):
            local.connection = connect(plan.url)
        statements = plan.written.numbered(int(enrollment[-8:], 16))
        with lock:
            write(local.connection, statements, reads=enrollment)
        return Response(plan.answer, mimetype="application/json")

    return app


def serve(app: Flask) -> None:
    """Serves a bare view on the port that the command line names, until it is stopped."""
    from waitress.server import create_server

    create_server(app, host="127.0.0.1", port=int(sys.argv[1]), threads=8).run()


if __name__ == "__main__":
    serve(application())
