"""The command `journeys serve` as a separate process that a test can kill, trace and restart on the same port."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SERVE = "from service.cli import main; main()"


class Serving:
    """A running `journeys serve`; `prefix` is a command that runs it, such as strace's."""

    def __init__(self, url: str, port: int, log: Path, *, prefix=(), **settings: str) -> None:
        self.port = port
        self.began = time.monotonic()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEYS_")}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-c", SERVE, "serve", "--database", url, "--port", str(port)],
                stdout=output,
                stderr=output,
                env=environment | settings,
                start_new_session=True,
            )
        self._log = log

    def ready(self, seconds: float = 60.0) -> float:
        """Wait until the server is ready; return the seconds since its start."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if self.call("/readyz")[0] == 200:
                    return time.monotonic() - self.began
            except OSError:
                time.sleep(0.02)
            assert self.process.poll() is None, self._log.read_text()[-2000:]
        raise TimeoutError("The server did not become ready.")

    def call(self, path: str, body=None, token: str | None = None) -> tuple[int, dict, dict]:
        """Return status, headers and body of an answer.

        Raises:
            OSError: no complete answer came.
        """
        return call(self.port, path, body, token)

    def kill(self) -> None:
        """Kill the server and its child processes, as a power failure would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask the server to end, and wait."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


def call(port: int, path: str, body=None, token: str | None = None) -> tuple[int, dict, dict]:
    """Send one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = json.dumps(body).encode() if body is not None else None
        connection.request("POST" if body is not None else "GET", path, data, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read())
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
