"""Access from this machine only, by one of its own names. Every other request is refused before its body is read."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from service.platform import errors

_REFUSED = "403 Forbidden"


def is_loopback(host: str) -> bool:
    """Whether a name or address, without a port, means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class LoopbackOnly:
    """A WSGI application that only answers requests to this machine's own names, and none from pages of other sites.

    Another site can let its own name point to this machine (DNS rebinding): the browser then sends that name as Host.
    It can also send a form to this machine: the browser then sends the site's address as Origin.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers a request, or refuses it."""
        origin = environ.get("HTTP_ORIGIN")
        if _is_own(f"//{environ.get('HTTP_HOST', '')}") and (origin is None or _is_own(origin)):
            return self._application(environ, start_response)  # type: ignore[no-any-return]
        body = errors.LOOPBACK_ONLY.encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(_REFUSED, headers)
        return [body]


def _is_own(address: str) -> bool:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return host is not None and is_loopback(host)
