"""A private PostgreSQL server that a test can stop, break and restart."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.conftest import START_POSTGRES


class OwnPostgres:
    """A server in its own folder, controlled with the binaries that started it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "postgres"
        folder.mkdir()
        command = [sys.executable, "-c", START_POSTGRES, str(self.data)]
        start = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if start.returncode:
            pytest.skip(f"PostgreSQL did not start: {(start.stderr.splitlines() or ['no output'])[-1]}")
        self._server = make_url(start.stdout.strip())
        self._log = self.data / "log"

    @property
    def binaries(self) -> Path:
        """The folder of `pg_ctl`, `pg_dump` and the others."""
        return Path(re.match(r"\S+", (self.data / "postmaster.opts").read_text()).group()).parent

    @property
    def pid(self) -> int:
        """The id of the listening process, which changes with every start."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database for the service."""
        return self._server.set(drivername="postgresql", database=database).render_as_string(hide_password=False)

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each in a transaction of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def restart(self) -> None:
        """Stop the server as a power failure would, and start it; also starts a stopped server."""
        self._control("restart", "-m", "immediate")

    def stop(self) -> None:
        """Stop the server as a power failure would."""
        self._control("stop", "-m", "immediate")

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [str(self.binaries / "pg_ctl"), "-D", str(self.data), "-w", "-l", str(self._log), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            cwd="/",
            user=self.data.stat().st_uid if os.geteuid() == 0 else None,
        )
