"""The clients: threads with one connection each that send prepared requests one after the other."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.database import event


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The total seconds of a load, and the milliseconds of each answer."""

    seconds: float
    milliseconds: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    def percentile(self, part: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def advances(port: int, secret: str, enrollments: Sequence[str]) -> list[bytes]:
    """Return requests that report the same event to each enrollment."""
    return [
        request(port, secret, "POST", f"/v1/enrollments/{enrollment}/events", event("scan-1"))
        for enrollment in enrollments
    ]


def request(port: int, secret: str, method: str, path: str, body: object = None) -> bytes:
    """Return the bytes of a request."""
    content = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def send_all(port: int, requests: Sequence[bytes], clients: int) -> LoadResult:
    """Send all requests with several concurrent clients, and wait for every answer.

    Raises:
        RuntimeError: an answer is not 200, 201 or 303.
    """
    shares = [requests[start::clients] for start in range(clients)]
    taken: list[list[float]] = [[] for _ in shares]
    failed: list[BaseException] = []
    begin = threading.Barrier(clients + 1)

    def run(share: Sequence[bytes], latencies: list[float]) -> None:
        try:
            with Connection(port) as connection:
                begin.wait()
                for request_bytes in share:
                    started = time.perf_counter()
                    connection.send(request_bytes)
                    latencies.append((time.perf_counter() - started) * 1000)
        except BaseException as error:
            failed.append(error)
            begin.abort()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(shares, taken, strict=True)]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if failed:
        raise RuntimeError(f"A client failed: {failed[0]}") from failed[0]
    return LoadResult(seconds, tuple(value for latencies in taken for value in latencies))


class Connection:
    """A persistent connection, reopened if the server closes it between two requests."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.rest = b""
        self.socket = self._open()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, request_bytes: bytes) -> bytes:
        """Send a request; return the body of the answer.

        Raises:
            RuntimeError: the status is not 200, 201 or 303.
        """
        self.socket.sendall(request_bytes)
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, data = data[:end].lower(), data[end + 4 :]
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(data) < length:
            data += self._more()
        body, self.rest = data[:length], data[length:]
        if head[9:12] not in (b"200", b"201", b"303"):
            raise RuntimeError(f"answered {head[9:12].decode()}: {body[:300].decode(errors='replace')}")
        if b"connection: close" in head:
            self.socket.close()
            self.socket, self.rest = self._open(), b""
        return body

    def _more(self) -> bytes:
        more = self.socket.recv(65_536)
        if not more:
            raise RuntimeError("The server closed the connection.")
        return more

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened
