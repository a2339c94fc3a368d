"""A forked process that does one thing and may die at it; what it says comes line by line."""

import json
import os
import select
import signal
import time
import traceback


class Child:
    """Runs `work(say)` in a process of its own. Fork with no database open: connections are not shared."""

    def __init__(self, work) -> None:
        self._from, to = os.pipe()
        self._left = b""
        self.status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self._from)
                work(lambda thing: os.write(to, json.dumps(thing).encode() + b"\n"))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(70)
        os.close(to)

    def hear(self, timeout: float = 60.0):
        """Return the next thing it says, or None when it ended without saying more."""
        until = time.monotonic() + timeout
        while b"\n" not in self._left:
            if not select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("the child says nothing")
            found = os.read(self._from, 65_536)
            if not found:
                return None
            self._left += found
        line, _, self._left = self._left.partition(b"\n")
        return json.loads(line)

    def kill(self) -> None:
        """Kill it, whatever it is at."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> list:
        """Wait until it has ended; return what it said and nobody heard. `status` is negative where it was killed."""
        heard = []
        while (thing := self.hear()) is not None:
            heard.append(thing)
        os.close(self._from)
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return heard


def die() -> None:
    """End this very process as a loss of power would: nothing is finished, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)
