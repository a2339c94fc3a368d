"""The addresses of NATS JetStream. It connects to nothing."""

from __future__ import annotations

import importlib.util
import re

SCHEMES = ("nats", "tls")
_URL = re.compile(
    r"(?P<server>(?:nats|tls)://(?:[A-Za-z0-9._~%:-]{1,200}@)?(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::[0-9]{1,5})?)/(?P<subject>[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,9})"
)


def read_address(url: str) -> re.Match[str] | None:
    """The `server` and `subject` of `nats://host:4222/subject`, or None; with `tls` the connection is encrypted."""
    return _URL.fullmatch(url)


def is_installed() -> bool:
    """Whether the extra `nats` is installed."""
    return importlib.util.find_spec("nats") is not None
