"""A check whether a process can listen on a port, before it changes anything. It leaves no port open."""

from __future__ import annotations

import socket


def try_port(host: str, port: int) -> None:
    """Bind an address as a server would, and release it.

    Raises:
        OSError: the port cannot be used; `strerror` has the reason.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(address)
