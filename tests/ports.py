"""A port for a server of a test."""

import socket


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]
