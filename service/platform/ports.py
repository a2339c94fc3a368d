"""Whether a port can be listened on, tried before anything is touched; nothing is left open here."""

from __future__ import annotations

import socket


def try_port(host: str, port: int) -> None:
    """Binds an address as a server would, and lets it go again.

    Raises:
        OSError: where it cannot be listened on; `strerror` says why.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(address)
