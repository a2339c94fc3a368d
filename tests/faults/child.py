"""A forked process that runs one function, may die in it, and sends messages line by line."""

import json
import os
import select
import signal
import time
import traceback


class Child:
    """Runs `work(say)` in a separate process. Close every database first: processes cannot share connections."""

    def __init__(self, work) -> None:
        self._from, to = os.pipe()
        self._left = b""
        self.status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self._from)
                work(lambda message: os.write(to, json.dumps(message).encode() + b"\n"))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(70)
        os.close(to)

    def hear(self, timeout: float = 60.0):
        """Return the next message, or None if the process ended without a further one."""
        until = time.monotonic() + timeout
        while b"\n" not in self._left:
            if not select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("The child process sent no message.")
            chunk = os.read(self._from, 65_536)
            if not chunk:
                return None
            self._left += chunk
        line, _, self._left = self._left.partition(b"\n")
        return json.loads(line)

    def kill(self) -> None:
        """Kill the process at once."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> list:
        """Wait for the end of the process; return its unread messages. `status` is negative if it was killed."""
        heard = []
        while (message := self.hear()) is not None:
            heard.append(message)
        os.close(self._from)
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return heard


def die() -> None:
    """Kill the current process as a power failure would: it finishes, closes and sends nothing."""
    os.kill(os.getpid(), signal.SIGKILL)
