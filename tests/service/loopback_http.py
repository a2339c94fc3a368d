"""A raw HTTP server on loopback whose answers a test writes byte by byte."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class HttpRequest:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class HttpServer:
    """Gives every connection to `react(request, connection)`, in a thread each; `requests` has what came."""

    def __init__(self, react: Callable[[HttpRequest, socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self.react = react
        self.tls = tls
        self.requests: list[HttpRequest] = []
        self.connections = 0
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.closing.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self.threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as stream:
                request = read_request(stream)
                if request is not None:
                    self.requests.append(request)
                    self.react(request, stream)


def read_request(connection: socket.socket) -> HttpRequest | None:
    with connection.makefile("rb") as lines:
        first = lines.readline().decode().split()
        if not first:
            return None
        headers = {}
        while line := lines.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return HttpRequest(first[0], first[1], headers, lines.read(int(headers.get("content-length", 0))))


def answer(status: int, body: bytes | dict = b"", **headers: str) -> Callable[[HttpRequest, socket.socket], None]:
    """Return a reaction: one complete answer."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    fields = {"Content-Length": str(len(content)), **{name.replace("_", "-"): text for name, text in headers.items()}}
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(f"{name}: {text}\r\n" for name, text in fields.items())
    return lambda request, connection: connection.sendall(head.encode() + b"\r\n" + content)


@contextmanager
def http_server(react, tls: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
    server = HttpServer(react, tls)
    try:
        yield server
    finally:
        server.close()
