"""Hostile bodies of one sender (I3) do not keep another client waiting: a real server, on both databases."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable

import pytest

from tests.faults.counting import AMOUNT, amount, tally
from tests.faults.deployment import Ward
from tests.faults.serving import Serving
from tests.faults.test_hostile_text import SHAPES
from tests.ports import free_port

pytestmark = pytest.mark.long

LARGEST = 990_000
LONGEST_WAIT = 0.1
#: How often a shape that keeps the other client waiting is sent: one that stops the service does so each time.
ATTEMPTS = 4
PATHS = ("/v1/enrollments", "/v1/enrollments/{}/events", "/room/sign-in")
TYPES = {"/room/sign-in": "application/x-www-form-urlencoded"}


def send(port: int, path: str, data: bytes, token: str) -> int:
    """The status of the answer to a body as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        kind = TYPES.get(path, "application/json")
        connection.request("POST", path, data, {"Authorization": f"Bearer {token}", "Content-Type": kind})
        return connection.getresponse().status
    finally:
        connection.close()


class Neighbour(threading.Thread):
    """Asks for /healthz again and again, and remembers how long each answer took."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.waits: list[float] = []
        self.refused = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        """Asks until it is stopped."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.stopping.wait(0.005):
            began = time.monotonic()
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            answer.read()
            self.waits.append(time.monotonic() - began)
            self.refused += answer.status != 200
        connection.close()

    def slowest_during(self, act: Callable[[], None]) -> float:
        """The longest wait, in seconds, while something is done, up to the first answer after it."""
        before = len(self.waits)
        act()
        done = len(self.waits)
        while self.is_alive() and len(self.waits) <= done:
            time.sleep(0.001)
        return max(self.waits[before:])


def test_another_client_is_answered_while_hostile_shapes_are_sent(deployment, tmp_path):
    with deployment.open() as ward:
        assert isinstance(ward, Ward)
        enrollment = ward.enroll_patient("p1").id
    shapes = list(SHAPES.items())[:: amount(6, 1)]
    with tally("I3", "a megabyte of each hostile shape; /healthz of another client", deployment.url) as counts:
        server = Serving(deployment.url, free_port(), tmp_path / "serve.log")
        server.ready()
        neighbour = Neighbour(server.port)
        neighbour.start()
        statuses: list[int] = []
        slow: dict[tuple[str, str], float] = {}

        def slowest_wait(path: str, data: bytes) -> float:
            token = deployment.tokens["_phone"]
            address = path.format(enrollment)
            return neighbour.slowest_during(lambda: statuses.append(send(server.port, address, data, token)))

        try:
            for (shape, text), path in itertools.product(shapes, PATHS):
                data = text.encode("utf-8", "surrogatepass")[:LARGEST]
                waits = [slowest_wait(path, data)]
                while min(waits) > LONGEST_WAIT and len(waits) < ATTEMPTS:
                    waits.append(slowest_wait(path, data))
                if min(waits) > LONGEST_WAIT:
                    slow[shape, path] = min(waits)
        finally:
            neighbour.stopping.set()
            neighbour.join(60)
            server.stop()
        counts.rounds, counts.errors = len(statuses), sum(not 400 <= status < 500 for status in statuses)
        counts.notes["answers of /healthz"] = len(neighbour.waits)
        counts.notes["slowest of them, ms"] = round(max(neighbour.waits) * 1000)
        assert neighbour.waits and not neighbour.refused
        if AMOUNT != "quick":  # the short suite checks no times
            assert slow == {}
