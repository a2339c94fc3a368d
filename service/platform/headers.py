"""The headers of every answer, the id of a request, and the host that it may name. It knows no route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from service.platform import errors
from service.platform.clock import new_id

#: What a route does not set otherwise. Nothing may be kept, framed, sniffed, or run.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: Where callers come by https: for a year they shall not come otherwise.
OF_HTTPS: Mapping[str, str] = {"Strict-Transport-Security": "max-age=31536000"}
#: On every answer, and in the log line of the request.
REQUEST_ID = "X-Request-Id"
_REQUEST_ID = re.compile(r"[0-9A-Fa-f-]{16,64}")
#: A UUID, or another random number: neither a name nor a number of a patient looks like this.
_HOST = re.compile(r"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


def request_id_of(sent: str | None) -> str:
    """The id of a request: as it was sent, if it is 16 to 64 hexadecimal digits and hyphens, else a new id."""
    return sent if sent is not None and _REQUEST_ID.fullmatch(sent) else new_id()


def require_host(environ: Mapping[str, Any], served: frozenset[str]) -> None:
    """Refuse a request without a host, or with a host that is not listed (an empty list accepts any).

    Raises:
        WrongHost: the message names the accepted hosts.
    """
    host = environ.get("HTTP_HOST")
    if host is None:
        if served or environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
            raise errors.WrongHost(errors.NAME_A_HOST)
        return
    match = _HOST.fullmatch(host)
    if match is None:
        raise errors.WrongHost(errors.NAME_A_HOST)
    if served and match[1].lower() not in served:
        raise errors.WrongHost(errors.HOST_NOT_SERVED)
