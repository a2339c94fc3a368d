"""Requests that their sender signs over the very bytes, in place of a token."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from service.http.context import service
from service.outreach.signature import is_signed
from service.platform import errors

TIMESTAMP, SIGNATURE = "Journeys-Timestamp", "Journeys-Signature"
HOW_TO_SIGN = (
    f"Send '{TIMESTAMP}' with the seconds since 1970, at most five minutes from now, and '{SIGNATURE}' with the "
    "HMAC-SHA256 of timestamp, dot and body in hexadecimal digits."
)


def require_signature(secrets: Iterable[bytes]) -> None:
    """Refuses a request that was not signed by one of the secrets within the last five minutes.

    Raises:
        NotSigned: the signature is missing, another's, or too old.
    """
    if not is_signed(
        request.get_data(),
        timestamp=request.headers.get(TIMESTAMP, ""),
        signature=request.headers.get(SIGNATURE, ""),
        secrets=secrets,
        now=service().clock(),
    ):
        raise errors.NotSigned(HOW_TO_SIGN)
