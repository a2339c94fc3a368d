"""The limit of a step of a registration: a bare Flask view with the bare driver that reads and writes the same rows.

It decrypts and checks nothing; what it writes and answers is prepared in advance.
"""

from __future__ import annotations

import os
import pickle
import threading
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request

from benchmarks.bare import Row, connect
from benchmarks.bare_server import VARIABLE, serve
from service.access.passwords import digest_of

_READ = "SELECT payload FROM registration_drafts WHERE digest = ?"
_WRITE = "UPDATE registration_drafts SET payload = ? WHERE digest = ?"


@dataclass(frozen=True, slots=True)
class JoiningPlan:
    """The database, the new payload of a draft, the keys of the counters to raise, and the answer."""

    url: str
    cookie: str
    payload: bytes
    counters: tuple[Row, ...]
    columns: tuple[str, ...]
    location: str
    answer: bytes

    @property
    def raising(self) -> str:
        """The statement that raises a counter."""
        names, marks = ", ".join((*self.columns, "count")), ", ".join("?" for _ in self.columns)
        keys = ", ".join(self.columns)
        return (
            f"INSERT INTO registration_counts ({names}) VALUES ({marks}, 1) "
            f"ON CONFLICT ({keys}) DO UPDATE SET count = registration_counts.count + 1"
        )


def application() -> Flask:
    plan: JoiningPlan = pickle.loads(Path(os.environ[VARIABLE]).read_bytes())
    app = Flask("bare")
    local = threading.local()
    lock = threading.Lock()  # SQLite allows one writer at a time, and a lock is faster than its busy wait

    @app.post("/join/<programme>/step/<step>")
    def answer_step(programme: str, step: str) -> Response:
        assert request.form["language"]
        digest = digest_of(request.cookies[plan.cookie])
        if not hasattr(local, "connection"):
            local.connection = connect(plan.url)
        with lock:
            local.connection.execute("BEGIN IMMEDIATE")
            assert local.connection.execute(_READ, (digest,)).fetchone() is not None
            local.connection.execute(_WRITE, (plan.payload, digest))
            for counter in plan.counters:
                local.connection.execute(plan.raising, counter)
            local.connection.execute("COMMIT")
        return Response(plan.answer, 303, {"Location": plan.location}, mimetype="text/html")

    return app


if __name__ == "__main__":
    serve(application())
