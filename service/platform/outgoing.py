"""Calls over HTTP that are bounded in time and size, to addresses that others chose or that the operator did.

An address that others chose (a webhook, a push endpoint) could lead into the operator's own network. So the host is
resolved once, every address of it must be public, and the connection goes to one of those very addresses; redirects are
not followed, nor are proxies of the environment.
"""

from __future__ import annotations

import enum
import ipaddress
import logging
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpcore2

from service.platform.public_address import (
    AddressRefused,
    Resolve,
    TargetUrl,
    is_public,
    resolved_in_time,
    system_addresses,
)

#: These log addresses, headers and answers at DEBUG or INFO.
_TALKATIVE_LOGGERS = ("httpx2", "httpcore2.connection", "httpcore2.http11")
_PIECE = 4096
_NO_TIME = 0.001


class CallFailed(Exception):
    """A call without an answer. `began`: the other side may have received the request."""

    def __init__(
        self, word: Literal["unreachable", "timeout", "connection-lost", "bad-answer"], *, began: bool
    ) -> None:
        super().__init__(word)
        self.word = word
        self.began = began


class Reach(enum.Enum):
    """Which addresses may be called."""

    PUBLIC = "https on the public internet"
    LOOPBACK = "also this machine itself, there also http: for tests and demonstrations"
    OPERATOR = "any: the operator chose the address, nobody else"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRules:
    """The bounds of a call; `ports` do not apply to addresses that the operator chose.

    `connect_seconds` includes the name's resolution and TLS; `total_seconds` the whole answer.
    """

    reach: Reach = Reach.PUBLIC
    ports: frozenset[int] = frozenset({443})
    connect_seconds: float = 5.0
    total_seconds: float = 10.0
    most_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """An answer: the status, the headers with names in lower case, and at most `most_bytes` of the body.

    `complete` is False where the body was longer, or did not end in time.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    complete: bool


class OutgoingClient:
    """Makes calls within rules. Threads may share it."""

    def __init__(
        self,
        rules: OutgoingRules,
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls`: which certificates are trusted; those of the system by default."""
        self.rules = rules
        self._resolve = resolve or system_addresses
        self._tls = tls or httpcore2.default_ssl_context()
        for name in _TALKATIVE_LOGGERS:
            logging.getLogger(name).disabled = True

    def call(self, url: str, *, body: bytes, headers: Mapping[str, str], method: str = "POST") -> CallAnswer:
        """Return the answer, whatever its status; a redirect is an answer like any other.

        Raises:
            AddressRefused: the address may not be called; nothing was connected.
            CallFailed: no answer came.
        """
        begin = time.monotonic()
        connect_by, end = begin + self.rules.connect_seconds, begin + self.rules.total_seconds
        target = self._target(url)
        fields = [*headers.items(), ("Host", target.authority)]
        parts = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.target)
        backend = _PinnedBackend(self._addresses(target, connect_by), connect_by, end)
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self._tls, max_connections=1, network_backend=backend) as pool,
                pool.stream(method, parts, headers=fields, content=body) as raw,
            ):
                received, complete = self._body(raw.iter_stream())
                return CallAnswer(raw.status, _texts(raw.headers), received, complete)
        except httpcore2.TimeoutException:
            raise CallFailed("timeout", began=backend.connected) from None
        except (httpcore2.ConnectError, ssl.SSLError):
            raise CallFailed("unreachable", began=False) from None
        except httpcore2.NetworkError:
            raise CallFailed("connection-lost", began=True) from None
        except httpcore2.ProtocolError:
            raise CallFailed("bad-answer", began=True) from None

    def _target(self, url: str) -> TargetUrl:
        reach = self.rules.reach
        ports = None if reach is Reach.OPERATOR else self.rules.ports
        return TargetUrl(url, ports=ports, http=reach is not Reach.PUBLIC)

    def _addresses(self, target: TargetUrl, by: float) -> Sequence[str]:
        """The checked addresses of a host."""
        try:
            addresses = [target.literal] if target.literal else resolved_in_time(self._resolve, target.host, by)
        except OSError:
            raise CallFailed("unreachable", began=False) from None
        if not addresses:
            raise CallFailed("unreachable", began=False)
        if self.rules.reach is Reach.OPERATOR:
            return addresses
        local = self.rules.reach is Reach.LOOPBACK and all(ipaddress.ip_address(a).is_loopback for a in addresses)
        if not local and (target.scheme != "https" or not all(map(is_public, addresses))):
            raise AddressRefused("The address must be https, on a host of the public internet.")
        return addresses

    def _body(self, pieces: Iterable[bytes]) -> tuple[bytes, bool]:
        """The beginning of a body, and whether it is the whole of it."""
        received = bytearray()
        try:
            for piece in pieces:
                received += piece
                if len(received) > self.rules.most_bytes:
                    return bytes(received[: self.rules.most_bytes]), False
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
            return bytes(received), False
        return bytes(received), True


class _PinnedBackend(httpcore2.NetworkBackend):
    """Connects to checked addresses, whatever the host's name resolves to now."""

    def __init__(self, addresses: Sequence[str], connect_by: float, end: float) -> None:
        self._addresses = addresses
        self._connect_by = connect_by
        self._end = end
        self._stream: _BoundedStream | None = None

    @property
    def connected(self) -> bool:
        """Whether a part of the request may have been sent."""
        return self._stream is not None and self._stream.written

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of the addresses that answers."""
        for position, address in enumerate(self._addresses, start=1):
            left = max(self._connect_by - time.monotonic(), _NO_TIME)
            try:
                stream = httpcore2.SyncBackend().connect_tcp(address, port, left, local_address, socket_options)
            except httpcore2.ConnectError:
                if position == len(self._addresses):
                    raise
            else:
                self._stream = _BoundedStream(stream, self._connect_by, self._end)
                return self._stream
        raise httpcore2.ConnectError


class _BoundedStream(httpcore2.NetworkStream):
    """A stream whose reads and writes together end in time, however small the pieces are in which they come."""

    def __init__(self, stream: httpcore2.NetworkStream, connect_by: float, end: float) -> None:
        self._stream = stream
        self._connect_by = connect_by
        self._end = end
        self.written = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._end, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            left = _left(self._end, httpcore2.WriteTimeout)
            self.written = True
            self._stream.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = max(self._connect_by - time.monotonic(), _NO_TIME)
        self._stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return self

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _left(end: float, timeout: type[httpcore2.TimeoutException]) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise timeout
    return left
